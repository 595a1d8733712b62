// Events: what is told to channels, and how subscriptions name them.
import { toIsoTime } from "../../lib/iso-time";

/** Events that channels can subscribe to. */
export const EVENT_TYPES = [
  "task.created",
  "task.updated",
  "task.deleted",
  "task.due",
  "user.created",
  "user.confirmed",
  "user.updated",
  "user.deleted",
  "batch.completed",
  "channel.disabled",
  "channel.test",
  "notification.failed",
] as const;
/** One of EVENT_TYPES. */
export type EventType = (typeof EVENT_TYPES)[number];

/** Type of the Worker's own mails, such as confirmations: they have the channel `mail`, and none subscribes to them. */
export const MAIL_EVENT = "mail";

/** Events about deliveries themselves. What becomes of these is told to nobody: it would have no end. */
const ALERTS: ReadonlySet<string> = new Set<EventType>(["channel.disabled", "notification.failed"]);

/** Something that happened, in the form that the Standard Webhooks specification gives it. */
export interface DomainEvent {
  /** A UUIDv7: the `webhook-id` of every attempt on every channel. */
  readonly id: string;
  readonly type: EventType | typeof MAIL_EVENT;
  /** Instant of the event, RFC 3339. */
  readonly timestamp: string;
  /** The record, batch or channel that it is about: events of one are told in order. */
  readonly recordId: string;
  /** Scheme and host under which the Worker was called when it happened, for links; null where nobody called. */
  readonly origin: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event, made now. `now` is in milliseconds since 1970 UTC. */
export function createEvent(
  event: Omit<DomainEvent, "timestamp" | "origin"> & { readonly origin?: string | null },
  now: number,
): DomainEvent {
  return { origin: null, ...event, timestamp: toIsoTime(now) };
}

/** Tells if an event is about deliveries themselves. */
export function isAlert(type: string): boolean {
  return ALERTS.has(type);
}

/** The events that a subscription stands for: `task.created`, `task.*`, `*`. */
export function eventsOf(pattern: string): EventType[] {
  return EVENT_TYPES.filter(
    (type) =>
      pattern === "*" ||
      pattern === type ||
      (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1))),
  );
}
