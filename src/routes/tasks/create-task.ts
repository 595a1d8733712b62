// POST /tasks: file a task and tell the right people, without waiting for any of them.
import { fileTask, unknownNames } from "../../domain/records/file-task";
import { CreateTask, Task, withPendingNotifications } from "../../domain/records/tasks";
import { etagOf } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";

export const createTaskRoute = defineRoute({
  operationId: "createTask",
  method: "POST",
  path: "/tasks",
  access: "tasks",
  body: CreateTask,
  isIdempotent: true,
  reply: { status: 201, schema: Task, headers: ["Location", "ETag"] },
  problems: [],
  moreFaults: (body, { env, config }) => unknownNames(body, env, config),
  handler: async ({ body, ids }, call) => {
    const task = await fileTask(body, ids.v7, call.env, call.config);
    const headers = { Location: `/tasks/${task.id}`, ETag: etagOf(task.version) };
    return new Reply(withPendingNotifications(task), { headers });
  },
});
