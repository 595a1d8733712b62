// POST /users/refill: imports users that KV has but the table lacks, after the table was lost.
import { defineRoute } from "../../http/route";
import { usersIn } from "../../runtime/tables";
import { Refilled } from "../record-replies";

/** Refills the table of users. */
export const refillUsersRoute = defineRoute({
  operationId: "refillUsers",
  method: "POST",
  path: "/users/refill",
  access: "token",
  reply: { status: 200, schema: Refilled },
  problems: [],
  handler: async (_, { env }) => {
    await usersIn(env).refill();
    return { status: "filled" as const };
  },
});
