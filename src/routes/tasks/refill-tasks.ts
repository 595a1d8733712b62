// POST /tasks/refill: imports tasks that KV has but the table lacks, after the table was lost.
import { defineRoute } from "../../http/route";
import { tasksIn } from "../../runtime/tables";
import { Refilled } from "../record-replies";

/** Refills the table of tasks. */
export const refillTasksRoute = defineRoute({
  operationId: "refillTasks",
  method: "POST",
  path: "/tasks/refill",
  access: "token",
  reply: { status: 200, schema: Refilled },
  problems: [],
  handler: async (_, { env }) => {
    await tasksIn(env).refill();
    return { status: "filled" as const };
  },
});
