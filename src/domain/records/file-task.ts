// Files or changes one task, for the routes and for the items of a batch.
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
 * Files a task. Repeating it with the same id changes nothing and returns the same task.
 *
 * @throws DomainError `invalid-body` for an unknown assignee or channel
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

/**
 * Faults for an unknown assignee or channel. Reads the body before validation, so that they are reported
 * beside other faults.
 */
export async function unknownNames(
  body: unknown,
  { users, channels }: Pick<RecordContext, "users" | "channels">,
): Promise<Fault[]> {
  const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(body);
  return [...unknownChannels(notify, channels), ...(await unknownAssignee(assignee_id, users))];
}

/** The fault of an assignee who does not exist; none if the id is malformed, which the schema reports. */
export async function unknownAssignee(
  id: unknown,
  users: RecordContext["users"],
): Promise<Fault[]> {
  if (!v.is(UserId, id) || (await users.missing([id.toLowerCase()])).length === 0) return [];
  return [{ pointer: "#/assignee_id", detail: NO_SUCH_USER }];
}
