// Filing one task: what POST /tasks and each item of a batch do.
import { invalidBody, type Fault } from "../domain/errors";
import { createTask, type CreateTask, type StoredTask } from "../domain/tasks";
import type { Config } from "../env";
import { recordWriter, taskWriterName } from "../storage/record-writers";
import { usersIn } from "../storage/users";
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
  const faults = [
    ...unknownChannels(body.notify, channels),
    ...(await unknownAssignee(body.assignee_id, env)),
  ];
  if (faults.length > 0) throw invalidBody(faults);
  const value = createTask(body, { id, now: Date.now() });
  const writer = recordWriter(env, taskWriterName(id));
  return unwrapTask(await writer.create({ kind: "task", value }, body.notify));
}

/** Faults of a list of channel names. */
export function unknownChannels(
  names: readonly string[],
  channels: ReadonlyMap<string, unknown>,
): Fault[] {
  return names.flatMap((name, index) =>
    channels.has(name)
      ? []
      : [{ pointer: `#/notify/${index}`, detail: `CHANNELS has no "${name}"` }],
  );
}

/** The fault of an assignee that KV does not know. KV may lag behind a sign-up elsewhere by a minute. */
export async function unknownAssignee(id: string | null | undefined, env: Env): Promise<Fault[]> {
  if (id === null || id === undefined || (await usersIn(env.USERS).get(id)) !== null) return [];
  return [{ pointer: "#/assignee_id", detail: "There is no user with this id" }];
}
