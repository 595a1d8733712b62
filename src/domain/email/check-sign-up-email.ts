// Decides by the checks of an address if it is accepted for a sign-up or refused.
import { DomainError } from "../errors";
import type { Email } from "./canonical-email";
import type { EmailCheck, EmailChecker, UndeliverableEmail } from "./check-email";

const DETAILS: Record<UndeliverableEmail["reason"], string> = {
  "disposable-domain": "The domain offers disposable addresses; use a lasting one.",
  "domain-not-found": "The domain does not exist.",
  "no-mail-server": "The domain has no mail server.",
  "null-mx": "The domain says that it receives no mail.",
};

/**
 * Checks the address of a sign-up, or a changed one.
 *
 * @throws DomainError `undeliverable-email`, with the `reason` and, for a likely typo, a `suggestion`
 */
export async function checkSignUpEmail(check: EmailChecker, email: Email): Promise<EmailCheck> {
  const found = await check(email);
  if (found.verdict === "undeliverable") throw undeliverable(found);
  return found;
}

/** The refusal of an undeliverable address. */
function undeliverable({ verdict: _, ...found }: UndeliverableEmail): DomainError {
  const detail = DETAILS[found.reason];
  const errors = [{ pointer: "#/email", detail }];
  return new DomainError("undeliverable-email", detail, { errors, extensions: found });
}

/**
 * Repeats the check of an address whose first check ended without a result. Its sign-up was accepted, so a
 * reason to refuse it is stored as a risk now.
 *
 * @throws Error while there is still no result, so that the check is repeated again
 */
export async function recheckEmail(check: EmailChecker, email: Email): Promise<EmailCheck> {
  const found = await check(email);
  if (found.verdict === "unknown") throw new Error(found.reason);
  return found.verdict === "undeliverable" ? { ...found, verdict: "risky" } : found;
}
