// What writes of users share. From an id to its writer: KV knows the id, the writer is named after the
// e-mail.
import * as v from "valibot";
import type { UndeliverableEmail } from "../../domain/email/check-email";
import { DomainError } from "../../domain/errors";
import { emailOf, type User } from "../../domain/records/users";
import type { Call } from "../../http/call";
import { userWriterName } from "../../runtime/record-writers";
import { usersIn } from "../../storage/users";

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

/** What the refusal of an address tells besides. */
export const RefusedEmail = v.object({
  reason: v.picklist(["disposable-domain", "domain-not-found", "no-mail-server", "null-mx"]),
  suggestion: v.exactOptional(
    v.pipe(v.string(), v.description("The address that was probably meant.")),
  ),
}) satisfies v.GenericSchema<Omit<UndeliverableEmail, "verdict">>;
