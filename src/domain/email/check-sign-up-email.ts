// Decides by the checks of an address if it is accepted for a sign-up or refused.
import { DomainError } from "../errors";
import type { Email } from "./canonical-email";
import type { EmailDomains } from "./email-domains";
import {
  suggestAddress,
  type EmailCheck,
  type EmailChecker,
  type UndeliverableEmail,
} from "./check-email";

const DETAILS: Record<UndeliverableEmail["reason"], string> = {
  "disposable-domain":
    "Addresses of this domain are disposable, or not accepted here; use a lasting one.",
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
  if (found.verdict === "undeliverable") {
    const { verdict: _, ...refusal } = found;
    throw refusalOf(DETAILS[found.reason], refusal);
  }
  return found;
}

/** The members of a refusal that say why; `likely-typo` only refuses callers who would rather be asked. */
export interface EmailRefusal {
  readonly reason: UndeliverableEmail["reason"] | "likely-typo";
  /** The address that was probably meant. */
  readonly suggestion?: string;
}

/**
 * Refuses an address that looks misspelt, for a caller who would rather be asked. Needs no lookup.
 *
 * @throws DomainError `undeliverable-email`, with the `suggestion`
 */
export function refuseLikelyTypo(email: Email, ownersWord: EmailDomains): void {
  const { suggestion } = suggestAddress(email, ownersWord);
  if (suggestion === undefined) return;
  throw refusalOf("The address looks misspelt; see suggestion.", {
    reason: "likely-typo",
    suggestion,
  });
}

function refusalOf(detail: string, refusal: EmailRefusal): DomainError {
  const errors = [{ pointer: "#/email", detail }];
  return new DomainError("undeliverable-email", detail, { errors, extensions: { ...refusal } });
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
