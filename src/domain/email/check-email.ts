// Judges an address while its owner waits: DNS, the disposable list and the typo finder at once,
// within one deadline.
import * as v from "valibot";
import { MAX_EMAIL_OCTETS, type Email } from "./canonical-email";
import { checkDeliverability, type Deliverability, type Resolve } from "./deliverability";
import { isPlainSlip, suggestDomain } from "./suggest-domain";
import { untilAborted } from "../../lib/until-aborted";

/** What a sign-up may wait for all checks together; give `deadline` this long. */
export const EMAIL_CHECK_BUDGET_MS = 1_500;

/** What is stored and shown of an accepted address. */
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
      // What refuses a sign-up, found when an unfinished check is repeated after it.
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

/** An address that is refused: mail to it can never arrive, or its mailbox is made to be thrown away. */
export type UndeliverableEmail = {
  readonly verdict: "undeliverable";
  readonly reason: "disposable-domain" | "domain-not-found" | "no-mail-server" | "null-mx";
  /** The address that was probably meant. */
  readonly suggestion?: string;
};

/** What the checks found, whether the address is accepted or not. */
export type EmailFinding = EmailCheck | UndeliverableEmail;

/** Checks an address within EMAIL_CHECK_BUDGET_MS, and never rejects. */
export type EmailChecker = (email: Email) => Promise<EmailFinding>;

/** What the checks need from outside. */
export interface EmailCheckDeps {
  readonly resolve: Resolve;
  readonly isDisposable: (domain: string) => Promise<boolean>;
  /** Aborted when the budget is spent; what is not known by then is `unknown`. */
  readonly deadline: AbortSignal;
}

/**
 * Never rejects and never outlives the deadline. Refuses only on a clear answer. A likely typo is
 * accepted as `risky`, because misspellings of big providers are registered and take mail; an
 * unfinished check is `unknown`, to be repeated later.
 */
export async function checkEmail(email: Email, deps: EmailCheckDeps): Promise<EmailFinding> {
  const delivery = checkDeliverability(email.domain, deps.resolve, deps.deadline);
  const suggestion = suggestAddress(email);
  // Awaited first: a listed domain is refused without waiting for DNS.
  const listed = await askList(email.domain, deps);
  // Misspellings of big providers are on such lists; telling the person of the typo does more good.
  if (listed === true && !isMisspelt(email))
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
  try {
    return await untilAborted(deps.isDisposable(domain), deps.deadline);
  } catch {
    return undefined;
  }
}

function isMisspelt({ domain }: Email): boolean {
  const meant = suggestDomain(domain);
  return meant !== null && isPlainSlip(domain, meant);
}

function suggestAddress(email: Email): Suggestion {
  const domain = suggestDomain(email.domain);
  if (domain === null) return {};
  return { suggestion: email.address.slice(0, -email.domain.length) + domain };
}
