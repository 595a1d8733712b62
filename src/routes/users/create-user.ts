// POST /users: signs a user up, after checking the e-mail address.
import { refuseLikelyTypo } from "../../domain/email/check-sign-up-email";
import { emailOf } from "../../domain/email/email-address";
import { ConfirmationSent } from "../../domain/records/confirmation";
import { signUp, type SignedUp } from "../../domain/records/sign-up";
import { CreateUser, User } from "../../domain/records/users";
import { INSISTENCE, refusesDoubts } from "../../http/form";
import { nextPageOf } from "../../http/next-page";
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
  form: { aliases: { [INSISTENCE]: "email" } },
  admitsItself: true,
  keysIn: "users",
  reply: { status: 201, schema: User, headers: ["Location", "ETag"] },
  otherReplies: [{ status: 202, hasBody: true, schema: ConfirmationSent }],
  problems: ["email-taken", "undeliverable-email"],
  problemMembers: RefusedEmail,
  requestHeaders: ["Prefer"],
  handler: async ({ body, once: { ids, keep }, admit }, context) => {
    // Before anything is spent, since the answer is a question.
    if (refusesDoubts(context.request))
      refuseLikelyTypo(emailOf(body.email), context.config.emailDomains);
    await admit({ items: 1 });
    const records = recordContextOf(context);
    const options = {
      keep: keep && ((made: SignedUp) => keep(reply(made))),
      next: nextPageOf(context),
    };
    return reply(await signUp(body, ids.v7, records, options));
  },
});
