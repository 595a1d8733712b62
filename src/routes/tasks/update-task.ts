// PATCH /tasks/<id>: applies a JSON merge patch (RFC 7396); the status may only change as its lifecycle
// allows.
import { changeTask, unknownAssignee } from "../../domain/records/file-task";
import { Task, UpdateTask } from "../../domain/records/tasks";
import { etagOf } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { usersIn } from "../../runtime/tables";
import { conditionOf, IdParams, recordContextOf } from "../record-replies";
import { withNotifications } from "./task-replies";

/** Changes a task, under `If-Match` only in that version. */
export const updateTaskRoute = defineRoute({
  operationId: "updateTask",
  method: "PATCH",
  path: "/tasks/:id",
  access: "token",
  params: IdParams,
  body: UpdateTask,
  bodyTypes: ["application/json", "application/merge-patch+json"],
  reply: { status: 200, schema: Task, headers: ["ETag"] },
  problems: ["precondition-failed", "wrong-state"],
  moreFaults: (body, { env }) => unknownAssignee(Object(body).assignee_id, usersIn(env)),
  handler: async ({ params: { id }, body }, context) => {
    const task = await changeTask(id, body, conditionOf(context), recordContextOf(context));
    const headers = { ETag: etagOf(task.version) };
    return new Reply(await withNotifications(context.env, task), { headers });
  },
});
