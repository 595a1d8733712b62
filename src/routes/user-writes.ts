// From a user's id to its writer: KV knows the id, the writer is named after the e-mail.
import { DomainError } from "../domain/errors";
import { emailOf, type User } from "../domain/users";
import type { Call } from "../http/call";
import { userWriterName } from "../storage/record-writers";
import { usersIn } from "../storage/users";

/** The user as KV has it. @throws DomainError `not-found` */
export async function findUser({ env }: Pick<Call, "env">, id: string): Promise<User> {
  const user = await usersIn(env.USERS).get(id);
  if (user === null) throw new DomainError("not-found", "There is no user with this id.");
  return user;
}

/** The name of the writer that KV knows for this user; it may have moved since. */
export async function findWriterName(call: Pick<Call, "env">, id: string): Promise<string> {
  const { email } = await findUser(call, id);
  return userWriterName(emailOf(email).canonical);
}
