// GET /tasks: a page of tasks, filtered by what stands in the list itself.
import * as v from "valibot";
import { Priority, TaskStatus, TaskSummary } from "../../domain/records/tasks";
import { PageQuery } from "../../http/page";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { tasksIn } from "../../storage/tasks";
import { readPage } from "../record-replies";

const TaskPage = v.strictObject({
  tasks: v.array(TaskSummary),
  next_cursor: v.pipe(v.nullable(v.string()), v.description("null at the end.")),
});

const TaskQuery = v.object({
  ...PageQuery.entries,
  status: v.optional(v.picklist(TaskStatus.options, `one of ${TaskStatus.options.join(", ")}`)),
  priority: v.optional(v.picklist(Priority.options, `one of ${Priority.options.join(", ")}`)),
  assignee_id: v.optional(
    v.pipe(v.string("stands more than once"), v.uuid("not a user's id"), v.toLowerCase()),
  ),
});

export const listTasksRoute = defineRoute({
  operationId: "listTasks",
  method: "GET",
  path: "/tasks",
  access: "token",
  query: TaskQuery,
  reply: { status: 200, schema: TaskPage, headers: ["Link"] },
  problems: [],
  handler: async ({ query }, call) => {
    const { limit, cursor, ...filters } = query;
    const wanted = Object.entries(filters);
    const isWanted = (task: Readonly<Record<string, unknown>>) =>
      wanted.every(([field, value]) => task[field] === value);
    const page = await readPage(call, tasksIn(call.env.TASKS), { limit, cursor }, isWanted);
    return new Reply(
      { tasks: [...page.entries], next_cursor: page.cursor },
      { headers: page.headers },
    );
  },
});
