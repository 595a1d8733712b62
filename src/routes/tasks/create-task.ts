// POST /tasks: files a task, and answers before its events are delivered.
import { fileTask, unknownNames } from "../../domain/records/file-task";
import {
  CreateTask,
  Task,
  withPendingNotifications,
  type StoredTask,
} from "../../domain/records/tasks";
import { defineRoute } from "../../http/route";
import { createRecordContext } from "../../runtime/record-context";
import { created } from "../record-replies";

const reply = (task: StoredTask) => created("/tasks", withPendingNotifications(task));

/** Files a task once per Idempotency-Key. */
export const createTaskRoute = defineRoute({
  operationId: "createTask",
  method: "POST",
  path: "/tasks",
  access: "tasks",
  body: CreateTask,
  admitsItself: true,
  keysIn: "tasks",
  reply: { status: 201, schema: Task, headers: ["Location", "ETag"] },
  problems: [],
  moreFaults: (body, { env }) => unknownNames(body, createRecordContext(env)),
  handler: async ({ body, once: { ids, keep }, admit }, { env }) => {
    await admit({ items: 1 });
    const context = createRecordContext(env);
    return reply(await fileTask(body, ids.v7, context, (task) => keep(reply(task))));
  },
});
