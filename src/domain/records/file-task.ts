// Files or changes one task, for the routes and for the items of a batch.
import * as v from "valibot";
import { invalidBody, type Fault } from "../errors";
import { unknownChannels } from "../notifications/channel-names";
import { toUnsent, type Notification } from "../notifications/delivery";
import { decideCreation } from "./changes";
import { toTask, unwrap, type Keep, type RecordContext } from "./context";
import type { Effect } from "./record";
import type { WriteCondition } from "./table";
import {
  createTask,
  exportTask,
  NO_SUCH_USER,
  UserId,
  type CreateTask,
  type StoredTask,
  type Task,
  type UpdateTask,
} from "./tasks";

/** Parts of filing a task that not every door has. */
interface FilingOptions {
  readonly keep?: Keep<Task> | null;
  /** Admits the caller, once the task is known to be valid. Rejects otherwise. */
  readonly admit?: () => Promise<void>;
}

/**
 * Files a task. Repeating it with the same id changes nothing and returns the same task.
 *
 * @throws DomainError `invalid-body` for an unknown assignee or channel
 */
export async function fileTask(
  body: CreateTask,
  id: string,
  context: Omit<RecordContext, "checkEmail">,
  { keep = null, admit }: FilingOptions = {},
): Promise<Task> {
  // Most tasks name nobody, and there is nothing to wait for.
  const isNaming = body.assignee_id !== null || body.notify.length > 0;
  const faults = isNaming ? await unknownNames(body, context) : [];
  if (faults.length > 0) throw invalidBody(faults);
  await admit?.();
  const { channels, newId, origin } = context;
  const now = context.now();
  const value = createTask(body, { id, now, origin });
  const { record, effects } = decideCreation({ kind: "task", value }, body.notify, {
    channels,
    newId,
    now,
  });
  const task = { ...exportTask(value), notifications: unsentOf(effects) };
  const kept = keep && keep(task);
  const earlier = unwrap(await context.tasks.create({ record, effects, kept }));
  return earlier === null ? task : { ...task, ...exportTask(toTask(earlier)) };
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

/** Deliveries that are still to be handed to their channels. */
export function unsentOf(effects: readonly Effect[]): Notification[] {
  return effects.flatMap((effect) =>
    effect.kind === "notify" ? toUnsent(effect.event, effect.channels) : [],
  );
}

/** The channels and the assignee of a task that are not known, whatever else is wrong with it. */
export async function unknownNames(
  body: unknown,
  context: Pick<RecordContext, "users" | "channels" | "hasToken">,
): Promise<Fault[]> {
  const { notify, assignee_id }: Readonly<Record<string, unknown>> = Object(body);
  const faults = unknownChannels(notify, context);
  return [...faults, ...(await unknownAssignee(assignee_id, context.users))];
}

/** The fault of an assignee who does not exist; none if the id is malformed, which the schema reports. */
export async function unknownAssignee(
  id: unknown,
  users: RecordContext["users"],
): Promise<Fault[]> {
  if (!v.is(UserId, id) || (await users.missing([id.toLowerCase()])).length === 0) return [];
  return [{ pointer: "#/assignee_id", detail: NO_SUCH_USER }];
}
