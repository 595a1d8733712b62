// Filing one task, and changing one: what the routes and the items of a batch do.
import * as v from "valibot";
import { invalidBody, type Fault } from "../errors";
import { unknownChannels } from "../notifications/channels";
import { decideCreation } from "./changes";
import { keepNothing, toTask, unwrap, type Keep, type RecordContext } from "./context";
import type { WriteCondition } from "./table";
import {
  createTask,
  NO_SUCH_USER,
  UserId,
  type CreateTask,
  type StoredTask,
  type UpdateTask,
} from "./tasks";

/**
 * Files a task. The same id again is the same task again: it changes nothing.
 *
 * @throws DomainError `invalid-body` for an assignee or a channel that is not known
 */
export async function fileTask(
  body: CreateTask,
  id: string,
  context: Pick<RecordContext, "users" | "tasks" | "channels" | "newId" | "now">,
  keep: Keep<StoredTask> = keepNothing,
): Promise<StoredTask> {
  const faults = await unknownNames(body, context);
  if (faults.length > 0) throw invalidBody(faults);
  const { channels, newId } = context;
  const now = context.now();
  const task = createTask(body, { id, now });
  const { record, effects } = decideCreation({ kind: "task", value: task }, body.notify, {
    channels,
    newId,
    now,
  });
  const kept = record.kind === "task" ? keep(record.value) : null;
  return toTask(unwrap(await context.tasks.create({ record, effects, kept })));
}

/**
 * Changes a task.
 *
 * @throws DomainError `not-found`, `precondition-failed`, `wrong-state`, `invalid-body`
 */
export async function changeTask(
  id: string,
  change: UpdateTask,
  condition: WriteCondition,
  { users, tasks }: Pick<RecordContext, "users" | "tasks">,
): Promise<StoredTask> {
  const faults = await unknownAssignee(change.assignee_id, users);
  if (faults.length > 0) throw invalidBody(faults);
  return toTask(unwrap(await tasks.update(id, { kind: "task", change }, condition)));
}

/** The channels and the assignee of a task that are not known, whatever else is wrong with it. */
export async function unknownNames(
  body: unknown,
  { users, channels }: Pick<RecordContext, "users" | "channels">,
): Promise<Fault[]> {
  const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(body);
  return [...unknownChannels(notify, channels), ...(await unknownAssignee(assignee_id, users))];
}

/** The fault of an assignee that there is not. What is no id is the schema's to refuse. */
export async function unknownAssignee(
  id: unknown,
  users: RecordContext["users"],
): Promise<Fault[]> {
  if (!v.is(UserId, id) || (await users.missing([id.toLowerCase()])).length === 0) return [];
  return [{ pointer: "#/assignee_id", detail: NO_SUCH_USER }];
}
