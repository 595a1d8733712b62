// Queries for scheduled work on tasks, and for the deletion of a user.
import { idsOf, leastOf } from "./read-column";

const KEEP_GONE_USERS_MS = 24 * 60 * 60_000;

/** Queries over the tables `tasks` and `gone_users` that only the table of tasks needs. */
export class TaskQueries {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Ids of tasks whose event `task.due` is to be delivered now. */
  toRemind(now: number, limit: number): string[] {
    return idsOf(
      this.#sql,
      "SELECT id FROM tasks WHERE remind_at <= ? ORDER BY remind_at LIMIT ?",
      now,
      limit,
    );
  }

  /** Ids of tasks that ended before an instant. */
  endedBefore(at: number, limit: number): string[] {
    return idsOf(
      this.#sql,
      "SELECT id FROM tasks WHERE ended_at < ? ORDER BY ended_at LIMIT ?",
      at,
      limit,
    );
  }

  assignedTo(userId: string, limit: number): string[] {
    return idsOf(this.#sql, "SELECT id FROM tasks WHERE assignee_id = ? LIMIT ?", userId, limit);
  }

  /** Remembers for a day that a user was deleted, since an assignment may be in progress. */
  noteGone(userId: string, now: number): void {
    this.#sql.exec("DELETE FROM gone_users WHERE at < ?", now - KEEP_GONE_USERS_MS);
    this.#sql.exec("INSERT OR REPLACE INTO gone_users (id, at) VALUES (?, ?)", userId, now);
  }

  isGone(userId: string): boolean {
    return idsOf(this.#sql, "SELECT id FROM gone_users WHERE id = ?", userId).length > 0;
  }

  /** The instant when the next task is due, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextReminder(): number {
    return leastOf(this.#sql, "remind_at", "tasks WHERE remind_at IS NOT NULL");
  }

  /** The instant when the first task ended, in milliseconds since 1970 UTC; Infinity if none has. */
  firstEnd(): number {
    return leastOf(this.#sql, "ended_at", "tasks WHERE ended_at IS NOT NULL");
  }
}
