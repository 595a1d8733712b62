// The result of an address's checks in words.
import type { VNode } from "preact";
import type { User } from "../../client";

type EmailCheck = User["email_check"];

const TONES = { deliverable: "ok", risky: "warn", unknown: "neutral" } as const;

const REASONS: Record<EmailCheck["reason"], string> = {
  "mail-server-found": "The domain has a mail server.",
  "address-record-only": "The domain has no mail server of its own, only an address.",
  "likely-typo": "The domain looks like a slip of the keyboard.",
  "dns-failed": "The domain could not be looked up. The check is repeated in the background.",
  "dns-timeout": "The look-up took too long. The check is repeated in the background.",
  "list-unavailable": "The list of disposable domains could not be read.",
  "disposable-domain": "The domain offers disposable addresses.",
  "domain-not-found": "The domain does not exist.",
  "no-mail-server": "The domain has no mail server.",
  "null-mx": "The domain says that it receives no mail.",
};

/** The new user, with the verdict on the address. */
export function Verdict({ user: { name, email, id, email_check } }: { user: User }): VNode {
  return (
    <section class="card" aria-label="Verdict">
      <p role="status" class="status">
        {name} is signed up as <strong>{email}</strong>{" "}
        <VerdictChip verdict={email_check.verdict} />
      </p>
      <p>{REASONS[email_check.reason]}</p>
      <p class="hint">
        Id <code>{id}</code>
      </p>
    </section>
  );
}

/** A chip with the verdict. */
export function VerdictChip({ verdict }: Pick<EmailCheck, "verdict">): VNode {
  return <span class={`chip ${TONES[verdict]}`}>{verdict}</span>;
}
