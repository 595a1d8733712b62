// Tasks: what may be filed, what is kept, and how a task may change.
import { toIsoTime } from "../../lib/iso-time";
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { parseInstant } from "../../lib/instant";
import { strictObject } from "../../lib/strict-object";
import { lines, oneLine } from "../text";
import { EmailAddress, emailOf } from "../email/email-address";
import { ChannelName } from "../notifications/channel-names";
import { Notification } from "../notifications/delivery";
import { refused, type Refusal } from "../errors";
import { MAX_NAMED_CHANNELS } from "../platform";
import { Metadata, MetadataPatch, patchMetadata, StoredMetadata } from "./metadata";
import { revise } from "./revise";

const MAX_TITLE_CHARACTERS = 200;
/** With the other fields of a list entry it stays within the 1,024 bytes of a KV key's metadata. */
const MAX_TITLE_BYTES = 400;
const MAX_DESCRIPTION_CHARACTERS = 10_000;

const Title = v.pipe(
  oneLine(MAX_TITLE_CHARACTERS),
  v.maxBytes(MAX_TITLE_BYTES),
  v.description("At most 400 bytes in UTF-8."),
);
const Description = lines(MAX_DESCRIPTION_CHARACTERS);
/** Priority of a task, from the least on. */
export const Priority = v.picklist(["low", "medium", "high", "urgent"]);
export type Priority = v.InferOutput<typeof Priority>;
/** Status of a task; NEXT has its transitions. */
export const TaskStatus = v.picklist(["pending", "in_progress", "done", "cancelled"]);
export type TaskStatus = v.InferOutput<typeof TaskStatus>;
/** Id of a user, as a task names its assignee. */
export const UserId = v.pipe(v.string(), v.uuid(), v.toLowerCase());

/** Fault of an unknown assignee. */
export const NO_SUCH_USER = "There is no user with this id";

/** An RFC 3339 instant with any offset, kept in UTC with milliseconds. */
const DueAt = v.pipe(
  v.string(),
  maxCharacters(40),
  v.check((text) => parseInstant(text) !== null, "Not an RFC 3339 instant"),
  v.metadata({ alsoInSchema: { format: "date-time" } }),
  v.transform((text) => toIsoTime(parseInstant(text) ?? Number.NaN)),
);

/** The body of POST /tasks. */
export const CreateTask = strictObject({
  title: Title,
  description: v.optional(v.nullable(Description), null),
  priority: v.optional(Priority, "medium"),
  assignee_id: v.optional(v.nullable(UserId), null),
  due_at: v.optional(v.nullable(DueAt), null),
  metadata: v.optional(Metadata, {}),
  reply_to: v.optional(v.nullable(EmailAddress), null),
  notify: v.optional(
    v.pipe(
      v.array(ChannelName),
      v.maxLength(MAX_NAMED_CHANNELS),
      v.description(
        "Channels that are told of the creation and when the task is due, besides those that subscribe to it.",
      ),
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
  metadata: v.exactOptional(MetadataPatch),
  reply_to: v.exactOptional(v.nullable(EmailAddress)),
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
  metadata: StoredMetadata,
  reply_to: v.pipe(v.nullable(v.string()), v.description("Whom an answer to the task is for.")),
  created_at: Instant,
  updated_at: Instant,
  version: v.pipe(v.number(), v.description("Counts changes; the ETag is made of it.")),
};

/** A task as it is shown, with the live state of its notifications. */
export const Task = v.strictObject({
  ...fields,
  notifications: v.pipe(
    v.array(Notification),
    v.description("Every unfinished one and the latest 50 others, the oldest first."),
  ),
});
export type Task = v.InferOutput<typeof Task>;

/** A task in a list: without what is long. */
export const TaskSummary = v.omit(v.strictObject(fields), ["description", "metadata", "reply_to"]);
export type TaskSummary = v.InferOutput<typeof TaskSummary>;

/** A task as it is stored. */
export const StoredTask = v.strictObject({
  ...fields,
  /** Channels that were told of it, which keep the deliveries. */
  told: v.array(v.string()),
  /** Origin of the request that filed it, for links in messages. */
  origin: v.nullable(v.string()),
  /** Channels that its creation named, which are told when it is due. */
  notify: v.array(v.string()),
  /** The instant at which `task.due` is told; null once it was, and while nothing is to be told. */
  remind_at: v.nullable(Instant),
  /** When it was finished or cancelled; null while it is neither. */
  ended_at: v.nullable(Instant),
});
export type StoredTask = v.InferOutput<typeof StoredTask>;

/** The instant at which `task.due` is told; null without a due date, and for one that is past when it is set. */
export function reminderOf(dueAt: string | null, now: number): string | null {
  return dueAt !== null && (parseInstant(dueAt) ?? 0) > now ? dueAt : null;
}

function addressOf(replyTo: string | null): string | null {
  return replyTo === null ? null : emailOf(replyTo).address;
}

/** Makes a new task. `now` is in milliseconds since 1970 UTC. */
export function createTask(
  body: CreateTask,
  { id, now, origin = null }: { id: string; now: number; origin?: string | null },
): StoredTask {
  const instant = toIsoTime(now);
  return {
    id,
    title: body.title,
    description: body.description,
    priority: body.priority,
    status: "pending",
    assignee_id: body.assignee_id,
    due_at: body.due_at,
    metadata: body.metadata,
    reply_to: addressOf(body.reply_to),
    created_at: instant,
    updated_at: instant,
    version: 1,
    told: [],
    origin,
    notify: body.notify,
    remind_at: reminderOf(body.due_at, now),
    ended_at: null,
  };
}

const NEXT: Record<TaskStatus, readonly TaskStatus[]> = {
  pending: ["in_progress", "cancelled"],
  in_progress: ["done", "cancelled"],
  done: [],
  cancelled: [],
};

/** Tells if a task has come to its end. */
export function isEnded({ status }: Pick<Task, "status">): boolean {
  return NEXT[status].length === 0;
}

/** The task after a patch, one version on; the very task where nothing changes; or why it may not change so. */
export function patchTask(task: StoredTask, patch: UpdateTask, now: number): StoredTask | Refusal {
  const { status = task.status } = patch;
  if (status !== task.status && !NEXT[task.status].includes(status)) {
    return refused("wrong-state", `A task that is ${task.status} cannot become ${status}.`);
  }
  const { metadata, reply_to = task.reply_to, ...rest } = patch;
  const patched = patchMetadata(task.metadata, metadata);
  if ("fault" in patched) {
    return refused("invalid-body", "The changed task does not fit the schema; see errors.", [
      { pointer: "#/metadata", detail: patched.fault },
    ]);
  }
  const next = { ...task, ...rest, reply_to: addressOf(reply_to), ...patched };
  const { due_at } = next;
  const remind_at = due_at === task.due_at ? task.remind_at : reminderOf(due_at, now);
  const isOver = isEnded(next);
  const ended_at = isOver && !isEnded(task) ? toIsoTime(now) : task.ended_at;
  return revise(task, { ...next, remind_at: isOver ? null : remind_at, ended_at }, now);
}

/** The list entry of a task. */
export function summarizeTask(task: StoredTask): TaskSummary {
  const { description, metadata, reply_to, told, origin, notify, remind_at, ended_at, ...summary } =
    task;
  return summary;
}

/** A task as exports have it: whole, but for its notifications. */
export type ExportedTask = Omit<Task, "notifications">;

/** The task in an export. */
export function exportTask(stored: StoredTask): ExportedTask {
  const { told, origin, notify, remind_at, ended_at, ...task } = stored;
  return task;
}
