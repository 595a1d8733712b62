// The mail that a sign-up calls for, as the event that the channel of mails is told.
import { createSigner, linkUrl } from "../links/link";
import type { LinkKeys } from "../links/link-keys";
import type { MailService } from "../mail/mail";
import { createSignUpMail } from "../mail/sign-up-mails";
import { createEvent, MAIL_EVENT, type DomainEvent } from "../notifications/events";
import type { Effect } from "./record";
import type { User } from "./users";

/** The part of the configuration that mails need. */
export interface Mailing {
  readonly mail: Pick<MailService, "from"> | null;
  readonly publicUrl: string | null;
}

/** Surroundings of a mail. */
interface MailContext {
  readonly mailing: Mailing;
  readonly keys: LinkKeys;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/**
 * The mail to the address of a pending sign-up: links to confirm it and to delete it.
 *
 * @param known the id of the user if the address is confirmed already, which the mail then says; or null
 * @throws Error if MAIL is not set
 */
export async function writeSignUpMail(
  { id, email }: User,
  known: string | null,
  { mailId, asking: { origin, language, next } }: Extract<Effect, { kind: "ask-to-confirm" }>,
  { mailing: { mail, publicUrl }, keys, now }: MailContext,
): Promise<DomainEvent> {
  if (mail === null) throw new Error("MAIL is not set");
  const sign = await createSigner(keys, now);
  const base = publicUrl ?? origin;
  const urlOf = async (link: Parameters<typeof sign>[0]) => linkUrl(base, link, await sign(link));
  const recordId = known ?? id;
  const confirmUrl = await urlOf({ purpose: "confirm", recordId: id, next });
  const unsubscribeUrl = await urlOf({ purpose: "unsubscribe", recordId, next: null });
  const data = createSignUpMail({
    from: mail.from,
    to: email,
    language,
    confirmUrl: known === null ? confirmUrl : null,
    unsubscribeUrl,
  });
  return createEvent({ id: mailId, type: MAIL_EVENT, recordId, origin, data }, now);
}
