// POST /users/refill and /tasks/refill: imports records that KV has but the table lacks, after a table was
// lost.
import * as v from "valibot";
import { defineRoute } from "../../http/route";
import { tasksIn, usersIn } from "../../runtime/tables";

const reply = { status: 200, schema: v.strictObject({ status: v.literal("filled") }) };

/** Refills the table of users. */
export const refillUsersRoute = defineRoute({
  operationId: "refillUsers",
  method: "POST",
  path: "/users/refill",
  access: "token",
  reply,
  problems: [],
  handler: async (_, { env }) => {
    await usersIn(env).refill();
    return { status: "filled" as const };
  },
});

/** Refills the table of tasks. */
export const refillTasksRoute = defineRoute({
  operationId: "refillTasks",
  method: "POST",
  path: "/tasks/refill",
  access: "token",
  reply,
  problems: [],
  handler: async (_, { env }) => {
    await tasksIn(env).refill();
    return { status: "filled" as const };
  },
});
