// From a change of a record to the event that tells of it.
import { MAIL_CHANNEL, type Channel } from "../notifications/channels";
import { channelsFor } from "../notifications/channel-names";
import { createEvent, type DomainEvent, type EventType } from "../notifications/events";
import { deletionDataOf, eventDataOf } from "./event-data";
import type { Effect, StoredRecord } from "./record";

/** The part of an event's type that says what became of the record. */
export type Change = "created" | "confirmed" | "updated" | "deleted" | "due";

/** Surroundings of an event's creation. */
export interface AnnounceDeps {
  /** All that there are, by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  readonly newId: () => string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** Origin of the request, for links; null without a request. */
  readonly origin?: string | null;
  /** Channels that were told of records of this kind before, configured or not. */
  readonly toldBefore?: readonly string[];
}

/** A change, and the channels named for it besides those that subscribe. */
export interface Announced {
  readonly change: Change;
  /** The record before an update. */
  readonly before?: StoredRecord;
  readonly named?: readonly string[];
}

/** The effect that tells channels of a record, and the record with these channels noted; unchanged if none listens. */
export function announce(
  record: StoredRecord,
  { change, before, named = [] }: Announced,
  deps: AnnounceDeps,
): { readonly record: StoredRecord; readonly effects: readonly Effect[] } {
  const type = eventTypeOf(record, change);
  const names = channelsFor(type, deps.channels.values(), named);
  if (names.length === 0) return { record, effects: [] };
  const event = eventOf(type, record, before ?? null, deps);
  const effect: Effect = {
    kind: "notify",
    recordId: record.value.id,
    event,
    channels: names,
  };
  return { record: remember(record, names), effects: [effect] };
}

/** Events by which channels learn what a user's record holds. */
const USER_EVENTS = ["user.created", "user.confirmed", "user.updated"] as const;

/** The effect that has channels forget what they were told of a record. */
export function erasure({ kind, value }: StoredRecord, deps: AnnounceDeps): readonly Effect[] {
  const channels = kind === "task" ? value.told : channelsOfUsers(deps);
  return channels.length === 0 ? [] : [{ kind: "erase", recordId: value.id, channels }];
}

/** A user remembers no channels: all are asked that are or were told of users, or carry mails to them. */
function channelsOfUsers({ channels, toldBefore = [] }: AnnounceDeps): string[] {
  const names = USER_EVENTS.flatMap((type) => channelsFor(type, channels.values()));
  return [
    ...new Set([...toldBefore, ...names, ...(channels.has(MAIL_CHANNEL) ? [MAIL_CHANNEL] : [])]),
  ];
}

/** The event of a change. */
export function eventOf(
  type: EventType,
  record: StoredRecord,
  before: StoredRecord | null,
  { newId, now, origin = null }: AnnounceDeps,
): DomainEvent {
  const data = type.endsWith(".deleted") ? deletionDataOf(record) : eventDataOf(record, before);
  const known = record.kind === "task" ? record.value.origin : null;
  return createEvent(
    { id: newId(), type, recordId: record.value.id, origin: known ?? origin, data },
    now,
  );
}

function eventTypeOf({ kind }: StoredRecord, change: Change): EventType {
  // Users are not due and tasks are not confirmed: nobody says so.
  return `${kind}.${change}` as EventType;
}

/** A task that remembers which channels were told of it; other records do not. */
function remember(record: StoredRecord, names: readonly string[]): StoredRecord {
  if (record.kind !== "task") return record;
  const told = [...new Set([...record.value.told, ...names])];
  return { kind: "task", value: { ...record.value, told } };
}
