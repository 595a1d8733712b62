// Parses records from outside the table: exports, KV, version 0.1. They are stored unchanged; fields added
// since then get their defaults.
import * as v from "valibot";
import { parseInstant } from "../../lib/instant";
import { toIsoTime } from "../../lib/iso-time";
import { strictObject } from "../../lib/strict-object";
import { EmailAddress } from "../email/email-address";
import { Metadata } from "./metadata";
import { isEnded, reminderOf, StoredTask } from "./tasks";
import { User } from "./users";

/** Characters allowed here, more than any name or title that a version ever accepted. */
const MAX_LINE_CHARACTERS = 1000;
const MAX_TEXT_CHARACTERS = 20_000;

const Line = v.pipe(v.string(), v.maxLength(MAX_LINE_CHARACTERS));
const Text = v.pipe(v.string(), v.maxLength(MAX_TEXT_CHARACTERS));
const Id = v.pipe(v.string(), v.uuid(), v.toLowerCase());
const Instant = v.pipe(
  v.string(),
  v.maxLength(40),
  v.check((text) => parseInstant(text) !== null, "Not an RFC 3339 instant"),
  v.transform((text) => toIsoTime(parseInstant(text) ?? Number.NaN)),
);
const Version = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const history = { created_at: Instant, updated_at: Instant, version: Version };

/** A user as exports and KV contain it. */
export const ImportedUser = strictObject({
  ...User.entries,
  ...history,
  id: Id,
  name: Line,
  email: EmailAddress,
  metadata: v.optional(Metadata, {}),
  confirmed_at: v.optional(v.nullable(Instant), null),
  unsubscribe_url: v.exactOptional(Line),
});

/** A task as exports and KV contain it. */
export const ImportedTask = strictObject({
  ...StoredTask.entries,
  ...history,
  id: Id,
  title: Line,
  description: v.nullable(Text),
  due_at: v.nullable(Instant),
  metadata: v.optional(Metadata, {}),
  reply_to: v.optional(v.nullable(EmailAddress), null),
  told: v.optional(StoredTask.entries.told, []),
  origin: v.optional(StoredTask.entries.origin, null),
  // Of version 0.1: which channels were told.
  notices: v.optional(v.array(v.looseObject({ channel: v.string() })), []),
  notify: v.optional(StoredTask.entries.notify, []),
  remind_at: v.optional(v.nullable(Instant), null),
  ended_at: v.optional(v.nullable(Instant), null),
  notifications: v.exactOptional(v.array(v.unknown())),
});

/** Parses a user of any version; returns null for anything else. */
export function adoptUser(value: unknown): User | null {
  const user = v.safeParse(ImportedUser, value);
  if (!user.success) return null;
  const { unsubscribe_url, ...kept } = user.output;
  return kept;
}

/**
 * Parses a task of any version, stored or shown; returns null for anything else. `now` is in milliseconds
 * since 1970 UTC.
 */
export function adoptTask(value: unknown, now: number): StoredTask | null {
  const task = v.safeParse(ImportedTask, value);
  if (!task.success) return null;
  const { notifications, notices, ...adopted } = task.output;
  const told = [...new Set([...adopted.told, ...notices.map(({ channel }) => channel)])];
  const kept = { ...adopted, told };
  return isEnded(kept)
    ? { ...kept, remind_at: null, ended_at: kept.ended_at ?? kept.updated_at }
    : { ...kept, remind_at: reminderOf(kept.due_at, now), ended_at: null };
}
