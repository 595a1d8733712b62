// Signing up one user: what POST /users and each item of a batch do.
import { DomainError } from "../errors";
import { createUser, emailOf, type CreateUser, type User } from "./users";
import { recordWriter, userWriterName, type RecordWriterStub } from "../../runtime/record-writers";
import { checkSignUpEmail } from "../email/check-sign-up-email";
import type { EmailChecker } from "../email/check-email";
import { unwrapUser } from "./unwrap";

/**
 * Signs a user up. The same id again is the same sign-up again: it changes nothing.
 *
 * @throws DomainError `email-taken`, `undeliverable-email`
 */
export async function signUp(
  body: CreateUser,
  id: string,
  env: Env,
  checkEmail: EmailChecker,
): Promise<User> {
  const email = emailOf(body.email);
  const writer = recordWriter(env, await userWriterName(email.canonical));
  const [check] = await Promise.all([checkSignUpEmail(checkEmail, email), refuseTaken(writer, id)]);
  const value = createUser(body, email, check, { id, now: Date.now() });
  return unwrapUser(await writer.create({ kind: "user", value }));
}

/** Answers early where the e-mail is known to be taken; whether it is free, only `create` decides. */
async function refuseTaken(writer: RecordWriterStub, id: string): Promise<void> {
  if (await writer.isTaken(id))
    throw new DomainError("email-taken", "A user with this e-mail exists.");
}
