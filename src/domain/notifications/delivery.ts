// Deliveries: one event on its way to one channel, as it is kept and as callers see it.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import { EVENT_TYPES, MAIL_EVENT } from "./events";

/** Status of a delivery. Cancelled: by a caller, or because its record was deleted. */
export const DeliveryStatus = v.picklist(["pending", "delivered", "failed", "cancelled"]);
export type DeliveryStatus = v.InferOutput<typeof DeliveryStatus>;

/** Types of events in lists of deliveries: those of subscriptions, and that of the Worker's own mails. */
export const NotificationEvent = v.picklist([...EVENT_TYPES, MAIL_EVENT]);

/** The reason why an attempt failed: a code for programs, a sentence for people. */
export interface DeliveryError {
  readonly code: string;
  readonly detail: string;
}

/** A delivery as its channel keeps it. Times are milliseconds since 1970 UTC. */
export interface Delivery {
  /** Number in its channel: a delivery that was handed over later has a higher one. */
  readonly seq: number;
  readonly eventId: string;
  readonly event: string;
  readonly recordId: string;
  readonly status: DeliveryStatus;
  /** Attempts that were ever made, also before a resend. */
  readonly attempts: number;
  /** The instant of the next attempt, at the earliest; null unless it is pending. */
  readonly dueAt: number | null;
  readonly lastAttemptAt: number | null;
  readonly httpStatus: number | null;
  readonly error: DeliveryError | null;
}

/** One try, as the log keeps it. */
export interface LoggedAttempt {
  readonly at: number;
  readonly httpStatus: number | null;
  readonly durationMs: number;
  readonly error: DeliveryError | null;
  /** The beginning of the answer, with secrets redacted; null where nothing could be read in time. */
  readonly excerpt: string | null;
}

const Instant = v.pipe(v.string(), v.isoTimestamp());
/** The reason why an attempt failed, as callers see it. */
export const Failure = v.nullable(v.strictObject({ code: v.string(), detail: v.string() }));
const HttpStatus = v.nullable(v.number());

const fields = {
  id: v.string(),
  event_id: v.pipe(v.string(), v.description("The `webhook-id` of every attempt.")),
  channel: v.string(),
  event: NotificationEvent,
  record_id: v.pipe(v.string(), v.description("The task, user, batch or channel it is about.")),
  status: DeliveryStatus,
  attempts: v.number(),
  last_attempt_at: v.nullable(Instant),
  next_attempt_at: v.nullable(Instant),
  http_status: HttpStatus,
  error: Failure,
};

/** A delivery as callers see it. */
export const Notification = v.strictObject(fields);
export type Notification = v.InferOutput<typeof Notification>;

/** A delivery with everything that is known of it. */
export const NotificationDetail = v.strictObject({
  ...fields,
  attempt_log: v.pipe(
    v.array(
      v.strictObject({
        at: Instant,
        http_status: HttpStatus,
        duration_ms: v.number(),
        error: Failure,
        excerpt: v.pipe(v.nullable(v.string()), v.description("The beginning of the answer.")),
      }),
    ),
    v.description("The latest 100, the oldest first."),
  ),
  payload: v.pipe(
    v.unknown(),
    v.description(
      "What is told: the event's data, for the channel `mail` the mail; null once its record was deleted.",
    ),
  ),
});
export type NotificationDetail = v.InferOutput<typeof NotificationDetail>;

const UUID_CHARACTERS = 36;

/** The id of an event's delivery to a channel: it tells both, so that nothing need be looked up. */
export function notificationId(eventId: string, channel: string): string {
  return `${eventId}.${channel}`;
}

/** The id of a delivery. */
export const NotificationId = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f-]{36}\.[a-z0-9][a-z0-9_-]{0,63}$/i, "Not a notification's id"),
);

/** The event and the channel in the id of a delivery. */
export function placeOfNotification(id: string): { eventId: string; channel: string } {
  return { eventId: id.slice(0, UUID_CHARACTERS), channel: id.slice(UUID_CHARACTERS + 1) };
}

/** A delivery as callers see it. */
export function toNotification(delivery: Delivery, channel: string): Notification {
  const { eventId, recordId, status, attempts, httpStatus, error } = delivery;
  return {
    id: notificationId(eventId, channel),
    event_id: eventId,
    channel,
    event: v.parse(NotificationEvent, delivery.event),
    record_id: recordId,
    status,
    attempts,
    last_attempt_at: toInstant(delivery.lastAttemptAt),
    next_attempt_at: toInstant(delivery.dueAt),
    http_status: httpStatus,
    error,
  };
}

/** An attempt as callers see it. */
export function toLogEntry(attempt: LoggedAttempt): NotificationDetail["attempt_log"][number] {
  const { at, httpStatus, durationMs, error, excerpt } = attempt;
  return { at: toIsoTime(at), http_status: httpStatus, duration_ms: durationMs, error, excerpt };
}

/** Deliveries that wait to be handed to their channels, as callers see them. */
export function toUnsent(
  event: { readonly id: string; readonly type: string; readonly recordId: string },
  channels: readonly string[],
): Notification[] {
  const delivery: Delivery = {
    seq: 0,
    eventId: event.id,
    event: event.type,
    recordId: event.recordId,
    status: "pending",
    attempts: 0,
    dueAt: null,
    lastAttemptAt: null,
    httpStatus: null,
    error: null,
  };
  return channels.map((channel) => toNotification(delivery, channel));
}

function toInstant(at: number | null): string | null {
  return at === null ? null : toIsoTime(at);
}
