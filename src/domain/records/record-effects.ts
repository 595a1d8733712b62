// Which effects follow from a change of a record, besides its announcement.
import type { EmailCheck } from "../email/check-email";
import type { Effect, RecordChange, StoredRecord } from "./records";

/** Brings KV's copy of a record to what its writer has. */
export function publish({ kind, value }: StoredRecord): Effect {
  return { kind: "publish", of: kind, id: value.id };
}

/** Of a record that is new here. */
export function effectsOfCreating(record: StoredRecord): Effect[] {
  return record.kind === "user" ? withRecheck(record, record.value.email_check) : [publish(record)];
}

/** Of a record that has been changed. */
export function effectsOfChanging(record: StoredRecord, change: RecordChange): Effect[] {
  return withRecheck(record, change.kind === "user" ? change.change.email_check : undefined);
}

function withRecheck(record: StoredRecord, check: EmailCheck | undefined): Effect[] {
  const effects: Effect[] = [publish(record)];
  return check?.verdict === "unknown"
    ? [...effects, { kind: "recheck-email", id: record.value.id }]
    : effects;
}
