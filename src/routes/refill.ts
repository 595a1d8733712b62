// POST /users/refill and /tasks/refill: brings in what KV has and the table has not, after a table was lost.
import * as v from "valibot";
import { defineRoute } from "../http/route";
import { tasksIn, usersIn } from "../runtime/tables";

const reply = { status: 200, schema: v.strictObject({ status: v.literal("filled") }) };

export const refillUsersRoute = defineRoute({
  operationId: "refillUsers",
  method: "POST",
  path: "/users/refill",
  summary: "Fill the table of users from KV",
  access: "token",
  reply,
  problems: [],
  handler: async (_, { env }) => {
    await usersIn(env).refill();
    return { status: "filled" as const };
  },
});

export const refillTasksRoute = defineRoute({
  operationId: "refillTasks",
  method: "POST",
  path: "/tasks/refill",
  summary: "Fill the table of tasks from KV",
  access: "token",
  reply,
  problems: [],
  handler: async (_, { env }) => {
    await tasksIn(env).refill();
    return { status: "filled" as const };
  },
});
