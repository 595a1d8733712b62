// PATCH /tasks/<id>: a JSON merge patch, with a checked status.
import { unknownAssignee } from "../../domain/records/file-task";
import { unwrapTask } from "../../domain/records/unwrap";
import { invalidBody } from "../../domain/errors";
import { Task, UpdateTask } from "../../domain/records/tasks";
import { etagOf, parseIfMatch } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { recordWriter, taskWriterName } from "../../runtime/record-writers";
import { IdParams } from "../record-replies";
import { withNotifications } from "./task-replies";

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
  moreFaults: (body, { env }) => unknownAssignee(Object(body).assignee_id, env),
  handler: async ({ params: { id }, body }, { env, request }) => {
    const versions = parseIfMatch(request.headers);
    const faults = await unknownAssignee(body.assignee_id, env);
    if (faults.length > 0) throw invalidBody(faults);
    const writer = recordWriter(env, taskWriterName(id));
    const task = unwrapTask(await writer.update(id, { kind: "task", change: body }, versions));
    const headers = { ETag: etagOf(task.version) };
    return new Reply(await withNotifications(env, task), { headers });
  },
});
