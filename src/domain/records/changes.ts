// Decides the new state of a record on creation, change or deletion, and the effects that follow.
import type { EmailCheck } from "../email/check-email";
import { refused, type Refusal } from "../errors";
import { announce, erasure, type AnnounceDeps } from "./announce";
import type { Effect, RecordChange, StoredRecord } from "./record";
import { patchTask } from "./tasks";
import { patchUser } from "./users";

/** A record to be stored, with the effects that follow from it. */
export interface Commit {
  readonly record: StoredRecord;
  readonly effects: readonly Effect[];
}

/**
 * A new record with its effects.
 *
 * @param named channels that get the event besides those that subscribe to it
 */
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

/** A changed record with its effects; `unchanged` if nothing differs; or the refusal of the change. */
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

/** The effects of a deletion. */
export function decideDeletion(record: StoredRecord, deps: AnnounceDeps): readonly Effect[] {
  const { effects } = announce(record, { change: "deleted" }, deps);
  // Payloads about the record are erased first; the event of its deletion follows.
  const all = [...erasure(record, deps), ...effects];
  return record.kind === "user" ? [...all, { kind: "unassign", recordId: record.value.id }] : all;
}

/**
 * The effects of a record that comes from KV, an export or version 0.1. Its events were delivered there; an
 * unfinished e-mail check is repeated here.
 */
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
