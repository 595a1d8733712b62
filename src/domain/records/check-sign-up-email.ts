// The check of an address that someone signs up with or changes to.
import type { Email } from "../email/canonical-email";
import type { EmailCheck, EmailRefusal } from "../email/check-email";
import { DomainError } from "../errors";
import type { EmailChecker } from "../../runtime/email-checker";

const DETAILS: Record<EmailRefusal["reason"], string> = {
  "disposable-domain": "The domain offers disposable addresses; use a lasting one.",
  "domain-not-found": "The domain does not exist.",
  "no-mail-server": "The domain has no mail server.",
  "null-mx": "The domain says that it receives no mail.",
};

/** @throws DomainError `undeliverable-email`, with the `reason` and, for a likely typo, a `suggestion` */
export async function checkSignUpEmail(check: EmailChecker, email: Email): Promise<EmailCheck> {
  const found = await check(email);
  if (found.verdict !== "undeliverable") return found;
  const { reason, suggestion } = found;
  throw new DomainError("undeliverable-email", DETAILS[reason], {
    errors: [{ pointer: "#/email", detail: DETAILS[reason] }],
    extensions: { reason, ...(suggestion !== undefined && { suggestion }) },
  });
}
