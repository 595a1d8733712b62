// POST /users: signs a user up, after checking the e-mail address.
import { ConfirmationSent } from "../../domain/records/confirmation";
import { signUp, type SignedUp } from "../../domain/records/sign-up";
import { CreateUser, User } from "../../domain/records/users";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { created, recordContextOf } from "../record-replies";
import { RefusedEmail } from "./user-replies";

const reply = (made: SignedUp) =>
  "id" in made ? created("/users", made) : new Reply(made, { status: 202 });

/** Signs a user up once per Idempotency-Key. */
export const createUserRoute = defineRoute({
  operationId: "createUser",
  method: "POST",
  path: "/users",
  access: "users",
  body: CreateUser,
  admitsItself: true,
  keysIn: "users",
  reply: { status: 201, schema: User, headers: ["Location", "ETag"] },
  otherReplies: [{ status: 202, hasBody: true, schema: ConfirmationSent }],
  problems: ["email-taken", "undeliverable-email"],
  problemMembers: RefusedEmail,
  handler: async ({ body, once: { ids, keep }, admit }, context) => {
    await admit({ items: 1 });
    const records = recordContextOf(context);
    return reply(await signUp(body, ids.v7, records, { keep: (made) => keep(reply(made)) }));
  },
});
