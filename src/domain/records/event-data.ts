// Data of events about records: their own fields, the version by which receivers can order them, and of a
// change what was before it. A deletion tells the id and a version alone.
import * as v from "valibot";
import type { StoredRecord } from "./record";
import { exportTask, Task } from "./tasks";
import { User } from "./users";

/** A payload should stay below 20 kB (Standard Webhooks): a long description is cut. */
const MAX_DESCRIPTION_CHARACTERS = 1000;

const changed = v.exactOptional(
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.description("Of an update: the fields that it changed, with their values before."),
  ),
);

/** `data` of `task.created`, `task.updated` and `task.due`. */
export const TaskEventData = v.strictObject({
  ...v.omit(Task, ["notifications"]).entries,
  description: v.pipe(
    v.nullable(v.string()),
    v.description(
      `A longer one than ${MAX_DESCRIPTION_CHARACTERS} characters is cut, and says so.`,
    ),
  ),
  changed,
});

/** `data` of `user.created`, `user.confirmed` and `user.updated`. */
export const UserEventData = v.strictObject({ ...User.entries, changed });

/** `data` of `task.deleted` and `user.deleted`. */
export const DeletionEventData = v.strictObject({
  id: v.string(),
  version: v.pipe(v.number(), v.description("One more than the record's last.")),
});

/** Data of an event about a record. `before` holds the fields that an update changed. */
export function eventDataOf(
  record: StoredRecord,
  before: StoredRecord | null,
): Readonly<Record<string, unknown>> {
  const data = fieldsOf(record);
  if (before === null) return data;
  const old = fieldsOf(before);
  const changedFields = Object.entries(old).filter(
    ([name, value]) =>
      !UNTOLD.has(name) && JSON.stringify(value) !== JSON.stringify(data[name] ?? null),
  );
  return { ...data, changed: Object.fromEntries(changedFields) };
}

/** Fields that every change changes, so that they are not among those that an update lists. */
const UNTOLD: ReadonlySet<string> = new Set(["updated_at", "version"]);

/** Data of the event of a record's end. */
export function deletionDataOf({ value: { id, version } }: StoredRecord) {
  return { id, version: version + 1 } satisfies v.InferOutput<typeof DeletionEventData>;
}

function fieldsOf(record: StoredRecord): Record<string, unknown> {
  if (record.kind === "user") return { ...record.value };
  const { description, ...task } = exportTask(record.value);
  return { ...task, description: excerptOf(description) };
}

function excerptOf(description: string | null): string | null {
  if (description === null || description.length <= MAX_DESCRIPTION_CHARACTERS) return description;
  // A cut through a surrogate pair would leave half a character, which many JSON parsers refuse.
  const kept = description.slice(0, MAX_DESCRIPTION_CHARACTERS).toWellFormed();
  return `${kept}… (cut: ${description.length - MAX_DESCRIPTION_CHARACTERS} more characters)`;
}
