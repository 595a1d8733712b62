// POST /tasks: files a task, and answers before its events are delivered.
import { fileTask, unknownNames } from "../../domain/records/file-task";
import { CreateTask, Task } from "../../domain/records/tasks";
import { defineRoute } from "../../http/route";
import { created, recordContextOf } from "../record-replies";

const reply = (task: Task) => created("/tasks", task);

/** Files a task once per Idempotency-Key. */
export const createTaskRoute = defineRoute({
  operationId: "createTask",
  method: "POST",
  path: "/tasks",
  access: "tasks",
  body: CreateTask,
  form: { aliases: { _subject: "title", email: "reply_to" } },
  admitsItself: true,
  keysIn: "tasks",
  reply: { status: 201, schema: Task, headers: ["Location", "ETag"] },
  problems: [],
  moreFaults: (body, context) => unknownNames(body, recordContextOf(context)),
  handler: async ({ body, once: { ids, keep }, admit }, context) => {
    const options = {
      keep: keep && ((task: Task) => keep(reply(task))),
      admit: () => admit({ items: 1 }),
    };
    return reply(await fileTask(body, ids.v7, recordContextOf(context), options));
  },
});
