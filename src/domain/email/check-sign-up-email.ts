// From what the checks found to what becomes of a sign-up: kept with its check, or refused.
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
 * The check of an address that someone signs up with or changes to.
 *
 * @throws DomainError `undeliverable-email`, with the `reason` and, for a likely typo, a `suggestion`
 */
export async function checkSignUpEmail(check: EmailChecker, email: Email): Promise<EmailCheck> {
  const found = await check(email);
  if (found.verdict === "undeliverable") throw undeliverable(found);
  return found;
}

/** The refusal of an address that is undeliverable. */
function undeliverable({ verdict: _, ...found }: UndeliverableEmail): DomainError {
  const detail = DETAILS[found.reason];
  const errors = [{ pointer: "#/email", detail }];
  return new DomainError("undeliverable-email", detail, { errors, extensions: found });
}

/**
 * The check of an address whose first one ended without a result. Its sign-up was accepted, so what
 * would have refused it then is a risk now.
 *
 * @throws Error while there still is no result, so that the check is repeated
 */
export async function recheckEmail(check: EmailChecker, email: Email): Promise<EmailCheck> {
  const found = await check(email);
  if (found.verdict === "unknown") throw new Error(found.reason);
  return found.verdict === "undeliverable" ? { ...found, verdict: "risky" } : found;
}
