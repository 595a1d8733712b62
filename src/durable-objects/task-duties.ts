// Scheduled work of the table of tasks: makes the event `task.due`, and deletes tasks whose retention is
// over.
import { announce, type AnnounceDeps } from "../domain/records/announce";
import type { TaskQueries } from "../storage/task-queries";
import type { Keeper } from "./record-keeper";

/** Tasks that one alarm handles; the next alarm continues. */
const AT_ONCE = 100;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Dependencies of the scheduled work. */
export interface DutyDeps {
  readonly keeper: Keeper;
  readonly queries: TaskQueries;
  /** Value of TASK_RETENTION_DAYS; null keeps tasks for ever. */
  readonly retentionDays: number | null;
  readonly announcing: () => AnnounceDeps;
}

/** Makes the events of tasks that are due, and deletes tasks whose retention is over. */
export function runTaskDuties({ keeper, queries, retentionDays, announcing }: DutyDeps): void {
  const deps = announcing();
  for (const id of queries.toRemind(deps.now, AT_ONCE)) {
    const found = keeper.find(id);
    if (found?.kind !== "task") continue;
    const { notify } = found.value;
    const { record, effects } = announce(found, { change: "due", named: notify }, deps);
    if (record.kind === "task")
      keeper.rewrite({ kind: "task", value: { ...record.value, remind_at: null } }, effects);
  }
  if (retentionDays === null) return;
  for (const id of queries.endedBefore(deps.now - retentionDays * DAY_MS, AT_ONCE))
    keeper.remove(id, { versions: null, requestId: `retention:${id}` });
}

/** The instant of the next scheduled work, in milliseconds since 1970 UTC; Infinity if there is none. */
export function nextDuty({
  queries,
  retentionDays,
}: Pick<DutyDeps, "queries" | "retentionDays">): number {
  const reminder = queries.nextReminder();
  if (retentionDays === null) return reminder;
  // Rounded up to the hour, so that the tasks that expire within one hour cost a single alarm.
  const end = queries.firstEnd() + retentionDays * DAY_MS;
  return Math.min(reminder, Math.ceil(end / HOUR_MS) * HOUR_MS);
}

/** Removes a deleted user from up to a hundred tasks. Returns false if some are left. */
export function unassign(userId: string, { keeper, queries, announcing }: DutyDeps): boolean {
  queries.noteGone(userId, announcing().now);
  const ids = queries.assignedTo(userId, AT_ONCE);
  for (const id of ids) {
    const change = { kind: "task" as const, change: { assignee_id: null } };
    keeper.update(id, change, { versions: null, requestId: `unassign:${userId}` });
  }
  return ids.length < AT_ONCE;
}
