// A task in a form, and its conversion to what the Worker takes.
import type { NewTask, Task, TaskPatch } from "../client";

type Status = Task["status"];

/** The values of the form. */
export interface TaskDraft {
  readonly title: string;
  readonly description: string;
  readonly priority: string;
  readonly status: string;
  readonly assignee: string;
  /** Value of a `datetime-local` field, in the browser's time zone. */
  readonly due: string;
  /** Channels, separated by commas or spaces. */
  readonly notify: string;
}

/** The values of an empty form. */
export const EMPTY_TASK: TaskDraft = {
  title: "",
  description: "",
  priority: "medium",
  status: "pending",
  assignee: "",
  due: "",
  notify: "",
};

/** Priorities, the lowest first. */
export const PRIORITIES = ["low", "medium", "high", "urgent"] as const;

/** The statuses that a task may take next, by its own. */
export const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  pending: ["in_progress", "cancelled"],
  in_progress: ["done", "cancelled"],
  done: [],
  cancelled: [],
};

/** Converts the form to the body of POST /tasks, without empty fields. */
export function toNewTask(draft: TaskDraft): NewTask {
  const { title, description, assignee, due, notify } = draft;
  const channels = notify.split(/[\s,]+/).filter((name) => name !== "");
  return {
    title,
    ...(description !== "" && { description }),
    priority: priorityOf(draft),
    ...(assignee !== "" && { assignee_id: assignee.trim() }),
    ...(due !== "" && { due_at: toInstant(due) }),
    ...(channels.length > 0 && { notify: channels }),
  };
}

/** Fills the form with a task. */
export function toDraft(task: Task): TaskDraft {
  const { title, description, priority, status, assignee_id, due_at } = task;
  return {
    title,
    description: description ?? "",
    priority,
    status,
    assignee: assignee_id ?? "",
    due: due_at === null ? "" : toLocal(due_at),
    notify: "",
  };
}

/** Fields that the form changes, as a merge patch: others stay, also what the form shows only roughly. */
export function toTaskChange(task: Task, draft: TaskDraft): TaskPatch {
  const before = toDraft(task);
  const { title, description, status, assignee, due } = draft;
  const next = NEXT[task.status].find((one) => one === status);
  return {
    ...(title !== before.title && { title }),
    ...(description !== before.description && { description: description || null }),
    ...(draft.priority !== before.priority && { priority: priorityOf(draft) }),
    ...(next !== undefined && { status: next }),
    ...(assignee !== before.assignee && { assignee_id: assignee.trim() || null }),
    ...(due !== before.due && { due_at: due === "" ? null : toInstant(due) }),
  };
}

function priorityOf({ priority }: TaskDraft): Task["priority"] {
  return PRIORITIES.find((one) => one === priority) ?? "medium";
}

function toInstant(local: string): string {
  return new Date(local).toISOString();
}

/** An instant in the browser's time zone, to the minute. */
function toLocal(instant: string): string {
  const date = new Date(instant);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, "yyyy-mm-ddThh:mm".length);
}
