// Tasks: what may be filed, what is kept, and how a task may change.
import * as v from "valibot";
import { strictObject } from "../../lib/strict-object";
import { ChannelName } from "../notifications/channels";
import { Notification, toNotification, type Notice } from "../notifications/notifications";
import { refused, type Refusal } from "../errors";

const MAX_TITLE_CHARACTERS = 200;
/** With the other fields of a list entry it stays within the 1,024 bytes of a KV key's metadata. */
const MAX_TITLE_BYTES = 400;
const MAX_DESCRIPTION_CHARACTERS = 10_000;
const MAX_NAMED_CHANNELS = 20;
/** A task remembers this many of its latest deliveries. */
const MAX_NOTICES = 50;

const Title = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "Empty"),
  v.maxLength(MAX_TITLE_CHARACTERS),
  v.maxBytes(MAX_TITLE_BYTES),
  v.check((text) => !/\p{Cc}|\p{Cs}/u.test(text), "Holds control characters"),
  v.description("At most 400 bytes in UTF-8."),
);
const Description = v.pipe(v.string(), v.maxLength(MAX_DESCRIPTION_CHARACTERS));
export const Priority = v.picklist(["low", "medium", "high", "urgent"]);
export const TaskStatus = v.picklist(["pending", "in_progress", "done", "cancelled"]);
type TaskStatus = v.InferOutput<typeof TaskStatus>;
/** Of an assignee. */
export const UserId = v.pipe(v.string(), v.uuid(), v.toLowerCase());

/** What is said of an assignee that is not known. */
export const NO_SUCH_USER = "There is no user with this id";

const RFC_3339 =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** An RFC 3339 instant with any offset, kept in UTC with milliseconds. */
const DueAt = v.pipe(
  v.string(),
  v.maxLength(40),
  v.regex(RFC_3339, "Not an RFC 3339 instant"),
  // What has no such form has been told so.
  v.check((text) => !RFC_3339.test(text) || isInstant(text), "Not an instant"),
  v.transform((text) => toText(Date.parse(text))),
);

/** Refuses what `Date` puts right, such as 30 February, and what leaves the four-digit years in UTC. */
function isInstant(text: string): boolean {
  const [, local = ""] = RFC_3339.exec(text.toUpperCase()) ?? [];
  const [named, meant] = [Date.parse(`${local}Z`), Date.parse(text)];
  if (Number.isNaN(named) || Number.isNaN(meant)) return false;
  return toText(named).startsWith(local) && /^\d{4}-/.test(toText(meant));
}

function toText(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** The body of POST /tasks. */
export const CreateTask = strictObject({
  title: Title,
  description: v.optional(v.nullable(Description), null),
  priority: v.optional(Priority, "medium"),
  assignee_id: v.optional(v.nullable(UserId), null),
  due_at: v.optional(v.nullable(DueAt), null),
  notify: v.optional(
    v.pipe(
      v.array(ChannelName),
      v.maxLength(MAX_NAMED_CHANNELS),
      v.description("Channels that are told of the creation, besides those that subscribe to it."),
    ),
    [],
  ),
});
export type CreateTask = v.InferOutput<typeof CreateTask>;

/** The body of PATCH /tasks/<id>: a JSON merge patch (RFC 7396). */
export const UpdateTask = strictObject({
  title: v.exactOptional(Title),
  description: v.exactOptional(v.nullable(Description)),
  priority: v.exactOptional(Priority),
  assignee_id: v.exactOptional(v.nullable(UserId)),
  due_at: v.exactOptional(v.nullable(DueAt)),
  status: v.exactOptional(
    v.pipe(
      TaskStatus,
      v.description("pending → in_progress → done, and cancelled from any unfinished one."),
    ),
  ),
});
export type UpdateTask = v.InferOutput<typeof UpdateTask>;

const Instant = v.pipe(v.string(), v.isoTimestamp());

const fields = {
  id: v.pipe(v.string(), v.uuid()),
  title: v.string(),
  description: v.nullable(v.string()),
  priority: Priority,
  status: TaskStatus,
  assignee_id: v.nullable(v.string()),
  due_at: v.nullable(Instant),
  created_at: Instant,
  updated_at: Instant,
  version: v.pipe(v.number(), v.description("Counts changes; the ETag is made of it.")),
};

/** A task as it is shown, with the live state of its notifications. */
export const Task = v.strictObject({
  ...fields,
  notifications: v.pipe(v.array(Notification), v.description("The latest 50.")),
});
export type Task = v.InferOutput<typeof Task>;

/** A task in a list: without description and notifications, small enough to stand in the list itself. */
export const TaskSummary = v.omit(v.strictObject(fields), ["description"]);
export type TaskSummary = v.InferOutput<typeof TaskSummary>;

/** A task as it is stored. */
export interface StoredTask extends Omit<Task, "notifications"> {
  /** Its latest deliveries; their state stands in their jobs. */
  readonly notices: readonly Notice[];
}

/** Makes a new task. */
export function createTask(
  { notify, ...body }: CreateTask,
  { id, now }: { id: string; now: number },
): StoredTask {
  const instant = new Date(now).toISOString();
  return {
    id,
    ...body,
    status: "pending",
    created_at: instant,
    updated_at: instant,
    version: 1,
    notices: [],
  };
}

const NEXT: Record<TaskStatus, readonly TaskStatus[]> = {
  pending: ["in_progress", "cancelled"],
  in_progress: ["done", "cancelled"],
  done: [],
  cancelled: [],
};

/** The task after a patch, one version on, or why its status may not change so. */
export function patchTask(task: StoredTask, patch: UpdateTask, now: number): StoredTask | Refusal {
  const { status = task.status } = patch;
  if (status !== task.status && !NEXT[task.status].includes(status)) {
    return refused("wrong-state", `A task that is ${task.status} cannot become ${status}.`);
  }
  return { ...task, ...patch, updated_at: new Date(now).toISOString(), version: task.version + 1 };
}

/** The task with further deliveries, of which the oldest are forgotten. */
export function withNotices(task: StoredTask, notices: readonly Notice[]): StoredTask {
  return { ...task, notices: [...task.notices, ...notices].slice(-MAX_NOTICES) };
}

/** A task that was just written: nothing is asked, what is under way counts as pending. */
export function withPendingNotifications({ notices, ...task }: StoredTask): Task {
  return { ...task, notifications: notices.map((notice) => toNotification(notice, undefined)) };
}

/** The list entry of a task. */
export function summarizeTask({ description, notices, ...summary }: StoredTask): TaskSummary {
  return summary;
}
