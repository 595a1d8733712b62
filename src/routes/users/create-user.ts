// POST /users: sign-up, validated while it waits.
import { createEmailChecker } from "../../runtime/email-checker";
import { signUp } from "../../domain/records/sign-up";
import { CreateUser, User } from "../../domain/records/users";
import { etagOf } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { RefusedEmail } from "./user-writes";

export const createUserRoute = defineRoute({
  operationId: "createUser",
  method: "POST",
  path: "/users",
  access: "users",
  body: CreateUser,
  isIdempotent: true,
  reply: { status: 201, schema: User, headers: ["Location", "ETag"] },
  problems: ["email-taken", "undeliverable-email"],
  problemMembers: RefusedEmail,
  handler: async ({ body, ids }, call) => {
    const value = await signUp(body, ids.v7, call.env, createEmailChecker(call.env));
    return new Reply(value, {
      headers: { Location: `/users/${value.id}`, ETag: etagOf(value.version) },
    });
  },
});
