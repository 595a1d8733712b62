// GET /tasks/<id>: a task with the current state of its notifications.
import { Task } from "../../domain/records/tasks";
import { etagOf, isNotModified } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { IdParams } from "../record-replies";
import { sha256Hex } from "../../lib/sha256";
import { findTask, withNotifications } from "./task-replies";

/** Reads a task from its table, and its notifications from their channels. */
export const getTaskRoute = defineRoute({
  operationId: "getTask",
  method: "GET",
  path: "/tasks/:id",
  access: "token",
  params: IdParams,
  reply: { status: 200, schema: Task, headers: ["ETag"] },
  otherReplies: [{ status: 304, headers: ["ETag"] }],
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, { env, request }) => {
    const task = await withNotifications(env, await findTask(env, id));
    const { version } = task;
    const ETag = etagOf(version, await stateOf(task));
    const isKnown = isNotModified(request.headers, { etag: ETag, version });
    return new Reply(isKnown ? undefined : task, {
      headers: { ETag },
      ...(isKnown && { status: 304 }),
    });
  },
});

/** Hexadecimal digits of the digest, enough to tell two states of one version apart. */
const STATE_CHARACTERS = 16;

/** A digest of the state of a task's notifications, for its ETag; empty if it has none. */
async function stateOf({ notifications }: Task): Promise<string> {
  if (notifications.length === 0) return "";
  return (await sha256Hex(JSON.stringify(notifications))).slice(0, STATE_CHARACTERS);
}
