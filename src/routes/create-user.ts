// POST /users: sign-up, validated while it waits.
import { DomainError } from "../domain/errors";
import { CreateUser, createUser, emailOf, User } from "../domain/users";
import type { Call } from "../http/call";
import { etagOf } from "../http/etag";
import { Reply } from "../http/reply";
import { defineRoute } from "../http/route";
import { recordWriter, userWriterName, type RecordWriterStub } from "../storage/record-writers";
import { checkSignUpEmail } from "./check-sign-up-email";
import { unwrap } from "./unwrap";

export const createUserRoute = defineRoute({
  operationId: "createUser",
  method: "POST",
  path: "/users",
  summary: "Sign a user up",
  description:
    "The address is checked within 1.5 seconds: syntax, mail servers over DNS, disposable domains, typical typos. A resolver that fails or is slow never blocks a sign-up: the verdict is then `unknown`, and the check is repeated in the background. There is one user per e-mail, whatever its spelling in case, Unicode form or IDN.",
  access: "users",
  body: CreateUser,
  isIdempotent: true,
  reply: { status: 201, schema: User },
  problems: ["email-taken", "undeliverable-email"],
  handler: async ({ body }, call) => {
    const value = await signUp(body, call);
    return new Reply(value, {
      headers: { Location: `/users/${value.id}`, ETag: etagOf(value.version) },
    });
  },
});

/** Signs up one user: what the endpoint and each item of a batch do. */
export async function signUp(
  body: CreateUser,
  { env, config, ids }: Pick<Call, "env" | "config" | "ids">,
): Promise<User> {
  const email = emailOf(body.email);
  const writer = recordWriter(env, await userWriterName(email.canonical));
  const [check] = await Promise.all([checkSignUpEmail(config, email), refuseTaken(writer, ids.v7)]);
  const value = createUser(body, email, check, { id: ids.v7, now: Date.now() });
  return unwrap(await writer.create({ kind: "user", value })).value;
}

/** Answers early where the e-mail is known to be taken; whether it is free, only `create` decides. */
async function refuseTaken(writer: RecordWriterStub, id: string): Promise<void> {
  if (await writer.isTaken(id))
    throw new DomainError("email-taken", "A user with this e-mail exists.");
}
