// What the table of tasks does by itself when the time has come: it tells what is due, and lets go of what
// ended long ago.
import { announce, type AnnounceDeps } from "../domain/records/announce";
import type { TaskChores } from "../storage/task-chores";
import type { Keeper } from "./record-keeper";

/** Looked at by one alarm; what is left is for the next. */
const AT_ONCE = 100;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** What the duties work with. */
export interface DutyDeps {
  readonly keeper: Keeper;
  readonly chores: TaskChores;
  /** TASK_RETENTION_DAYS, or null for ever. */
  readonly retentionDays: number | null;
  readonly announcing: () => AnnounceDeps;
}

/** Tells of tasks that are due, and deletes those whose retention is over. */
export function runTaskDuties({ keeper, chores, retentionDays, announcing }: DutyDeps): void {
  const deps = announcing();
  for (const id of chores.toRemind(deps.now, AT_ONCE)) {
    const found = keeper.find(id);
    if (found?.kind !== "task") continue;
    const { notify } = found.value;
    const { record, effects } = announce(found, { change: "due", named: notify }, deps);
    if (record.kind === "task")
      keeper.rewrite({ kind: "task", value: { ...record.value, remind_at: null } }, effects);
  }
  if (retentionDays === null) return;
  for (const id of chores.endedBefore(deps.now - retentionDays * DAY_MS, AT_ONCE))
    keeper.remove(id, { versions: null, requestId: `retention:${id}` });
}

/** When there is something to do next, in milliseconds since 1970 UTC; Infinity for never. */
export function nextDuty({
  chores,
  retentionDays,
}: Pick<DutyDeps, "chores" | "retentionDays">): number {
  const reminder = chores.nextReminder();
  if (retentionDays === null) return reminder;
  // By the hour: a task that ended each minute would be an alarm each minute.
  const end = chores.firstEnd() + retentionDays * DAY_MS;
  return Math.min(reminder, Math.ceil(end / HOUR_MS) * HOUR_MS);
}

/** Takes a user who is no more off the tasks, a hundred at a time. False while some are left. */
export function unassign(userId: string, { keeper, chores, announcing }: DutyDeps): boolean {
  chores.noteGone(userId, announcing().now);
  const ids = chores.assignedTo(userId, AT_ONCE);
  for (const id of ids) {
    const change = { kind: "task" as const, change: { assignee_id: null } };
    keeper.update(id, change, { versions: null, requestId: `unassign:${userId}` });
  }
  return ids.length < AT_ONCE;
}
