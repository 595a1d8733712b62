// Filing one task: what POST /tasks and each item of a batch do.
import * as v from "valibot";
import { invalidBody, type Fault } from "../errors";
import { unknownChannels } from "../notifications/channels";
import { createTask, NO_SUCH_USER, UserId, type CreateTask, type StoredTask } from "./tasks";
import type { Config } from "../../env";
import { recordWriter, taskWriterName } from "../../runtime/record-writers";
import { usersIn } from "../../storage/users";
import { unwrapTask } from "./unwrap";

/**
 * Files a task. The same id again is the same task again: it changes nothing.
 *
 * @throws DomainError `invalid-body` for an assignee or a channel that is not known
 */
export async function fileTask(
  body: CreateTask,
  id: string,
  env: Env,
  { channels }: Pick<Config, "channels">,
): Promise<StoredTask> {
  const faults = await unknownNames(body, env, { channels });
  if (faults.length > 0) throw invalidBody(faults);
  const value = createTask(body, { id, now: Date.now() });
  const writer = recordWriter(env, taskWriterName(id));
  return unwrapTask(await writer.create({ kind: "task", value }, body.notify));
}

/** The channels and the assignee of a task that are not known, whatever else is wrong with it. */
export async function unknownNames(
  body: unknown,
  env: Env,
  { channels }: Pick<Config, "channels">,
): Promise<Fault[]> {
  const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(body);
  return [...unknownChannels(notify, channels), ...(await unknownAssignee(assignee_id, env))];
}

/** The fault of an assignee that KV does not know. KV may lag behind a sign-up elsewhere by a minute. */
export async function unknownAssignee(id: unknown, env: Env): Promise<Fault[]> {
  if (!v.is(UserId, id) || (await usersIn(env.USERS).get(id.toLowerCase())) !== null) return [];
  return [{ pointer: "#/assignee_id", detail: NO_SUCH_USER }];
}
