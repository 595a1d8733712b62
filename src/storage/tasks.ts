// Storage of the table `tasks`, and its copy in KV.
//
// Table `tasks`: a row a task; `seq` in order of insertion, `record` = StoredTask as JSON, `remind_at` =
// due_at while the task is unfinished and its event `task.due` not delivered, `ended_at` = when it was done
// or cancelled, `search` = title and description, folded. Writer: the object `tasks`. Lifetime: until
// deleted, or TASK_RETENTION_DAYS after `ended_at`.
// Table `gone_users`: ids of deleted users, so that an assignment in progress is refused. Lifetime: a day.
// KV namespace TASKS: key = id, value = the task as shown, but for its notifications, metadata = its list entry.
import * as v from "valibot";
import { adoptTask } from "../domain/records/adopt";
import { foldText, type TaskFilters } from "../domain/records/queries";
import {
  Priority,
  StoredTask,
  exportTask,
  summarizeTask,
  TaskStatus,
} from "../domain/records/tasks";
import { anyOf, containing, type Condition, type Selection } from "./page-statement";
import type { TableDefinition } from "./table-definition";
import { publishedSoFar } from "./new-records";
import { EFFECTS_OF_CHANNELS } from "./outbox-store";
import { SHARED_SCHEMA } from "./record-table";

/** Storage of tasks. */
export const tasksTable: TableDefinition<StoredTask, TaskFilters> = {
  name: "tasks",
  migrations: [
    `${SHARED_SCHEMA}
    CREATE TABLE tasks (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      changed_by TEXT,
      status TEXT NOT NULL,
      priority TEXT NOT NULL,
      assignee_id TEXT,
      due_at INTEGER,
      remind_at INTEGER,
      ended_at INTEGER,
      search TEXT NOT NULL,
      record TEXT NOT NULL
    );
    CREATE INDEX tasks_state ON tasks (status, priority, seq);
    CREATE INDEX tasks_assignee ON tasks (assignee_id, seq) WHERE assignee_id IS NOT NULL;
    CREATE INDEX tasks_due ON tasks (due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX tasks_remind ON tasks (remind_at) WHERE remind_at IS NOT NULL;
    CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL;
    CREATE TABLE gone_users (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;`,
    // Version 0.1 kept the deliveries of a task in its record, as `notices`.
    `${EFFECTS_OF_CHANNELS}
    UPDATE tasks SET record = json_remove(json_set(record,
      '$.told', json((
        SELECT json_group_array(DISTINCT json_extract(value, '$.channel'))
        FROM json_each(record, '$.notices'))),
      '$.origin', NULL), '$.notices')
    WHERE json_type(record, '$.notices') IS NOT NULL;`,
    publishedSoFar("tasks"),
  ],
  columns: (task) => ({
    status: task.status,
    priority: task.priority,
    assignee_id: task.assignee_id,
    due_at: task.due_at && Date.parse(task.due_at),
    remind_at: task.remind_at && Date.parse(task.remind_at),
    ended_at: task.ended_at && Date.parse(task.ended_at),
    search: foldText(`${task.title}\n${task.description ?? ""}`),
  }),
  select: selectTasks,
  parse: (json) => v.parse(StoredTask, JSON.parse(json)),
  tag: (value) => ({ kind: "task", value }),
  adopt: adoptTask,
  published: (task) => ({
    shown: { ...exportTask(task), notifications: [] },
    summary: summarizeTask(task),
  }),
};

function selectTasks({ status, priority, assignee, text, ...due }: TaskFilters): Selection {
  const conditions: Condition[] = text === undefined ? [] : [containing(text)];
  const range = dueRange(due);
  // One person's tasks are fewer than those of a status, so the assignee's index is used. Tasks without
  // assignee may be all of them.
  if (assignee !== undefined && !assignee.includes(null)) {
    if (status !== undefined) conditions.push(anyOf("status", status));
    if (priority !== undefined) conditions.push(anyOf("priority", priority));
    const alternatives = assignee.map((id) => ({ sql: "assignee_id = ?", values: [id] }));
    return { alternatives, conditions, ...range };
  }
  if (assignee !== undefined) conditions.push(nobodyOr(assignee.filter((id) => id !== null)));
  const isByState = status !== undefined || priority !== undefined;
  return { alternatives: isByState ? statesOf(status, priority) : [], conditions, ...range };
}

function dueRange({ dueAfter, dueBefore }: TaskFilters): Pick<Selection, "range"> {
  const conditions: Condition[] = [];
  if (dueAfter !== undefined) conditions.push({ sql: "due_at > ?", values: [dueAfter] });
  if (dueBefore !== undefined) conditions.push({ sql: "due_at < ?", values: [dueBefore] });
  return conditions.length === 0 ? {} : { range: { index: "tasks_due", conditions } };
}

function nobodyOr(people: readonly string[]): Condition {
  const { sql, values } = anyOf("assignee_id", people);
  return { sql: `(assignee_id IS NULL OR ${sql})`, values };
}

/** Each pair of status and priority is the start of an index that continues with `seq`. */
function statesOf(
  status: readonly TaskStatus[] = TaskStatus.options,
  priority: readonly Priority[] = Priority.options,
): Condition[] {
  return status.flatMap((one) =>
    priority.map((other) => ({ sql: "status = ? AND priority = ?", values: [one, other] })),
  );
}
