// Signs up or changes one user, for the routes and for the items of a batch.
import { checkSignUpEmail } from "../email/check-sign-up-email";
import { emailOf } from "../email/email-address";
import { DomainError } from "../errors";
import { decideCreation } from "./changes";
import { CONFIRMATION_SENT, type ConfirmationSent } from "./confirmation";
import { toUser, unwrap, type Keep, type RecordContext } from "./context";
import type { WriteCondition } from "./table";
import { createUser, type CreateUser, type UpdateUser, type User, type UserChange } from "./users";

/** Outcome of a sign-up: the user, or that the address is asked to confirm. */
export type SignedUp = User | ConfirmationSent;

/** Parts of a sign-up that not every door has. */
export interface SignUpOptions {
  readonly keep?: Keep<SignedUp> | null;
  /** The address that a confirmation leads to: of a listed origin, or null. */
  readonly next?: string | null;
}

/**
 * Signs a user up, or asks the address to confirm it. Repeating it with the same id changes nothing and
 * returns the same.
 *
 * @throws DomainError `email-taken`, `undeliverable-email`
 */
export async function signUp(
  body: CreateUser,
  id: string,
  context: Omit<RecordContext, "tasks" | "hasToken">,
  { keep = null, next = null }: SignUpOptions = {},
): Promise<SignedUp> {
  const email = emailOf(body.email);
  const check = await checkSignUpEmail(context.checkEmail, email);
  const now = context.now();
  const user = createUser(body, email, check, { id, now });
  const { channels, newId, origin, asker, language } = context;
  if (context.asksToConfirm) {
    const kept = keep && keep(CONFIRMATION_SENT);
    await context.users.requestSignUp({ user, asker, origin, language, next, kept });
    return CONFIRMATION_SENT;
  }
  const deps = { channels, newId, now, origin };
  const commit = decideCreation({ kind: "user", value: user }, [], deps);
  const kept = keep && keep(user);
  const earlier = unwrap(await context.users.create({ ...commit, kept }));
  return earlier === null ? user : toUser(earlier);
}

/**
 * Changes a user. A new address is checked as at a sign-up.
 *
 * @throws DomainError `not-found`, `precondition-failed`, `email-taken`, `undeliverable-email`,
 * `invalid-body`
 */
export async function changeUser(
  id: string,
  patch: UpdateUser,
  condition: WriteCondition,
  { users, checkEmail }: Pick<RecordContext, "users" | "checkEmail">,
): Promise<User> {
  const change = await checkedChange(id, patch, { users, checkEmail });
  return toUser(unwrap(await users.update(id, { kind: "user", change }, condition)));
}

/** The patch with its address in stored form, and the check of the address if it is a new one. */
async function checkedChange(
  id: string,
  patch: UpdateUser,
  { users, checkEmail }: Pick<RecordContext, "users" | "checkEmail">,
): Promise<UserChange> {
  if (patch.email === undefined) return { patch };
  const email = emailOf(patch.email);
  const stored = { ...patch, email: email.address };
  const current = await users.read(id);
  if (current === null) throw new DomainError("not-found", "There is no user with this id.");
  if (toUser(current).email === email.address) return { patch: stored };
  return { patch: stored, email_check: await checkSignUpEmail(checkEmail, email) };
}
