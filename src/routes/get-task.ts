// GET /tasks/<id>: a task, with the live state of its notifications.
import { Task } from "../domain/tasks";
import { etagOf } from "../http/etag";
import { Reply } from "../http/reply";
import { defineRoute } from "../http/route";
import { IdParams } from "./record-replies";
import { findTask, withNotifications } from "./task-replies";

export const getTaskRoute = defineRoute({
  operationId: "getTask",
  method: "GET",
  path: "/tasks/:id",
  summary: "Read a task",
  description:
    "The ETag is the version of the task itself: the state of its notifications changes without it.",
  access: "token",
  params: IdParams,
  reply: { status: 200, schema: Task, headers: ["ETag"] },
  problems: [],
  handler: async ({ params: { id } }, { env }) => {
    const task = await withNotifications(env, await findTask(env, id));
    // No 304: the notifications may have changed although the version has not.
    return new Reply(task, { headers: { ETag: etagOf(task.version) } });
  },
});
