// Checks an address during a sign-up: DNS, the list of disposable domains and the typo finder, side by side,
// within one deadline.
import * as v from "valibot";
import { MAX_EMAIL_OCTETS, type Email } from "./canonical-email";
import type { EmailDomains } from "./email-domains";
import { checkDeliverability, type Deliverability, type Resolve } from "./deliverability";
import { isPlainSlip, suggestDomain } from "./suggest-domain";
import type { TimeLimit } from "../../lib/deadline";
import { untilAborted } from "../../lib/until-aborted";

/** Milliseconds that a sign-up may wait for all checks together. The caller sets `limit` to this. */
export const EMAIL_CHECK_BUDGET_MS = 1_500;

/** Result of checking an accepted address, stored with the user and shown. */
export const EmailCheck = v.pipe(
  v.strictObject({
    verdict: v.pipe(
      v.picklist(["deliverable", "risky", "unknown"]),
      v.description(
        "`deliverable`: the domain has a mail server. `risky`: it takes mail, but the address looks misspelt or the domain has no MX record. `unknown`: a check failed or was slow; it is no judgement.",
      ),
    ),
    reason: v.picklist([
      "mail-server-found",
      "address-record-only",
      "likely-typo",
      "dns-failed",
      "dns-timeout",
      "list-unavailable",
      // These reasons refuse a sign-up. They are stored only if an unfinished check finds them afterwards.
      "disposable-domain",
      "domain-not-found",
      "no-mail-server",
      "null-mx",
    ]),
    suggestion: v.exactOptional(
      v.pipe(
        v.string(),
        v.maxLength(MAX_EMAIL_OCTETS + 1),
        v.description("The address that was probably meant."),
      ),
    ),
  }),
  v.description("What the checks of the address found."),
);
export type EmailCheck = v.InferOutput<typeof EmailCheck>;

/**
 * Result for an address that is refused: mail to it can never arrive, or its domain is one of disposable
 * mailboxes.
 */
export type UndeliverableEmail = {
  readonly verdict: "undeliverable";
  readonly reason: "disposable-domain" | "domain-not-found" | "no-mail-server" | "null-mx";
  /** The address that was probably meant, if this looks like a typo. */
  readonly suggestion?: string;
};

/** Result of the checks, for accepted and refused addresses. */
export type EmailFinding = EmailCheck | UndeliverableEmail;

/** Checks an address within EMAIL_CHECK_BUDGET_MS, and never rejects. */
export type EmailChecker = (email: Email) => Promise<EmailFinding>;

/** The checks' access to DNS and to the list. */
export interface EmailCheckDeps {
  readonly resolve: Resolve;
  /** Returns a promise only while the list is being loaded. */
  readonly isDisposable: (domain: string) => boolean | Promise<boolean>;
  /** Wins over the list, and over the typo finder. */
  readonly ownersWord: EmailDomains;
  /** Of EMAIL_CHECK_BUDGET_MS; a check that has no answer by then counts as `unknown`. */
  readonly limit: TimeLimit;
}

/**
 * Checks an address. Never rejects and never outlives the deadline. Refuses only on a clear answer. A likely
 * typo is accepted as `risky`, because misspellings of big providers are registered and receive mail; an
 * unfinished check is `unknown`, to be repeated later.
 */
export async function checkEmail(email: Email, deps: EmailCheckDeps): Promise<EmailFinding> {
  const delivery = checkDeliverability(email.domain, deps.resolve, deps.limit);
  const suggestion = suggestAddress(email, deps.ownersWord);
  // The list is awaited first: a listed domain is refused without waiting for DNS.
  const listed = await askList(email.domain, deps);
  // Lists of disposable domains include misspellings of big providers; there the hint at the typo helps more
  // than a refusal.
  if (listed === true && !(isMisspelt(email) && deps.ownersWord(email.domain) === undefined))
    return { verdict: "undeliverable", reason: "disposable-domain", ...suggestion };
  return { ...judge(await delivery, listed, suggestion), ...suggestion };
}

type Suggestion = { readonly suggestion?: string };

function judge(
  found: Deliverability,
  listed: boolean | undefined,
  { suggestion }: Suggestion,
): EmailFinding {
  if (found.verdict !== "deliverable") return found;
  if (listed === undefined) return { verdict: "unknown", reason: "list-unavailable" };
  if (suggestion !== undefined) return { verdict: "risky", reason: "likely-typo" };
  if (found.reason === "address-record-only") return { verdict: "risky", reason: found.reason };
  return { verdict: "deliverable", reason: found.reason };
}

async function askList(domain: string, deps: EmailCheckDeps): Promise<boolean | undefined> {
  const word = deps.ownersWord(domain);
  if (word !== undefined) return word === "block";
  try {
    const listed = deps.isDisposable(domain);
    return typeof listed === "boolean" ? listed : await untilAborted(listed, deps.limit.signal);
  } catch {
    return undefined;
  }
}

function isMisspelt({ domain }: Email): boolean {
  const meant = suggestDomain(domain);
  return meant !== null && isPlainSlip(domain, meant);
}

/** The address that was probably meant, if this one looks misspelt. */
export function suggestAddress(email: Email, ownersWord: EmailDomains): Suggestion {
  const domain = ownersWord(email.domain) === "allow" ? null : suggestDomain(email.domain);
  if (domain === null) return {};
  return { suggestion: email.address.slice(0, -email.domain.length) + domain };
}
