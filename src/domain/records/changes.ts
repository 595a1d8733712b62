// Decides what a creation, a change or a deletion makes of a record, and what follows from it.
import type { EmailCheck } from "../email/check-email";
import { refused, type Refusal } from "../errors";
import { announce, erasure, type AnnounceDeps } from "./announce";
import type { Effect, RecordChange, StoredRecord } from "./record";
import { patchTask } from "./tasks";
import { patchUser } from "./users";

/** A record as it is to be kept, with what follows. */
export interface Commit {
  readonly record: StoredRecord;
  readonly effects: readonly Effect[];
}

/** A new record with what follows from it. @param named channels that are told besides those that subscribe */
export function decideCreation(
  record: StoredRecord,
  named: readonly string[],
  deps: AnnounceDeps,
): Commit {
  // A creation that is repeated is the same event again.
  const newId = () => record.value.id;
  const announced = announce(record, { change: "created", named }, { ...deps, newId });
  const check = record.kind === "user" ? record.value.email_check : undefined;
  return { ...announced, effects: [...announced.effects, ...rechecks(record, check)] };
}

/** A changed record with what follows from it, `unchanged` where nothing differs, or why it may not change so. */
export function decideChange(
  record: StoredRecord,
  change: RecordChange,
  deps: AnnounceDeps,
): Commit | "unchanged" | Refusal {
  const changed = applyChange(record, change, deps.now);
  if ("status" in changed) return changed;
  if (changed.value === record.value) return "unchanged";
  const announced = announce(changed, { change: "updated", before: record }, deps);
  const check = change.kind === "user" ? change.change.email_check : undefined;
  return { ...announced, effects: [...announced.effects, ...rechecks(changed, check)] };
}

/** What follows from the end of a record. */
export function decideDeletion(record: StoredRecord, deps: AnnounceDeps): readonly Effect[] {
  const { effects } = announce(record, { change: "deleted" }, deps);
  // What was told of it is forgotten first: that it is no more is told after.
  const all = [...erasure(record, deps), ...effects];
  return record.kind === "user" ? [...all, { kind: "unassign", recordId: record.value.id }] : all;
}

/** What is still to be done about a record that comes from elsewhere, where all else was told of it. */
export function decideAdoption(record: StoredRecord): readonly Effect[] {
  return rechecks(record, record.kind === "user" ? record.value.email_check : undefined);
}

function applyChange(
  record: StoredRecord,
  change: RecordChange,
  now: number,
): StoredRecord | Refusal {
  if (record.kind === "task" && change.kind === "task") {
    const value = patchTask(record.value, change.change, now);
    return "code" in value ? value : { kind: "task", value };
  }
  if (record.kind !== "user" || change.kind !== "user")
    return refused("not-found", "There is nothing under this id.");
  const value = patchUser(record.value, change.change, now);
  if (!("fault" in value)) return { kind: "user", value };
  return refused("invalid-body", "The changed user does not fit the schema; see errors.", [
    { pointer: "#/metadata", detail: value.fault },
  ]);
}

function rechecks({ value }: StoredRecord, check: EmailCheck | undefined): Effect[] {
  return check?.verdict === "unknown" ? [{ kind: "recheck-email", recordId: value.id }] : [];
}
