// From a change of a record to the event that tells of it.
import { toIsoTime } from "../../lib/iso-time";
import { channelsFor, type Channel, type EventType } from "../notifications/channels";
import type { DomainEvent, Notice } from "../notifications/notifications";
import type { Effect, StoredRecord } from "./record";
import { withNotices } from "./tasks";

/** A payload should stay below 20 kB (Standard Webhooks): a long description is cut. */
const MAX_DESCRIPTION_CHARACTERS = 1000;

/** The part of an event's type that says what became of the record. */
export type Change = "created" | "updated" | "deleted" | "due";

/** What an announcement needs from outside. */
export interface AnnounceDeps {
  /** All that there are, by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly newId: () => string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/**
 * The effect that tells of a record, and the record as it remembers that; neither where nobody listens.
 *
 * @param named channels that are told besides those that subscribe
 */
export function announce(
  record: StoredRecord,
  change: Change,
  named: readonly string[],
  { channels, newId, now }: AnnounceDeps,
): { readonly record: StoredRecord; readonly effects: readonly Effect[] } {
  const type = eventTypeOf(record, change);
  const names = type === null ? [] : channelsFor(type, channels.values(), named);
  if (type === null || names.length === 0) return { record, effects: [] };
  const event = createEvent(type, record, newId(), now);
  const deliveries = names.map((channel) => ({ id: newId(), channel }));
  const notices = deliveries.map((delivery) => ({
    ...delivery,
    event: type,
    eventId: event.id,
    at: now,
  }));
  const effect: Effect = { kind: "notify", recordId: record.value.id, event, deliveries };
  return { record: rememberNotices(record, notices), effects: [effect] };
}

/** The event of a change, or null where nothing is told of it. */
function eventTypeOf({ kind }: StoredRecord, change: Change): EventType | null {
  if (kind === "task") return `task.${change}`;
  return change === "created" ? "user.created" : null;
}

/** The event that tells of a record. */
function createEvent(type: EventType, record: StoredRecord, id: string, now: number): DomainEvent {
  return {
    id,
    type,
    timestamp: toIsoTime(now),
    text: textOf(type, record),
    data: dataOf(record),
  };
}

function textOf(type: EventType, { kind, value }: StoredRecord): string {
  const change = type.slice(type.indexOf(".") + 1);
  return kind === "task"
    ? `Task ${change}: ${value.title} (${value.priority}, ${value.status})`
    : `User ${change}: ${value.name}`;
}

function dataOf({ kind, value }: StoredRecord): DomainEvent["data"] {
  if (kind === "user") {
    const { metadata, ...user } = value;
    return user;
  }
  const { notices, notify, remind_at, ended_at, description, ...task } = value;
  // A cut through a surrogate pair would leave half a character, which many JSON parsers refuse.
  const excerpt = description?.slice(0, MAX_DESCRIPTION_CHARACTERS).toWellFormed() ?? null;
  return { ...task, description: excerpt };
}

/** A task that remembers the deliveries of an event; other records do not. */
function rememberNotices(record: StoredRecord, notices: readonly Notice[]): StoredRecord {
  return record.kind === "task"
    ? { kind: "task", value: withNotices(record.value, notices) }
    : record;
}
