// Mails: what one is, and how it is sent by each of the ways that MAIL may name. No header can be injected:
// addresses are read by the same rules as those of users, and a subject is one line.
import * as v from "valibot";
import { lazyPattern } from "../../lib/lazy";
import { lazySchema } from "../../lib/lazy-schema";
import { fillSecrets } from "../../lib/fill-secrets";
import { parseEmail } from "../email/canonical-email";
import { decodeWebhookSecret } from "../outgoing/webhook-signature";

/** A mail as it is to be sent. */
export const Mail = v.strictObject({
  from: v.string(),
  to: v.array(v.string()),
  reply_to: v.nullable(v.string()),
  subject: v.string(),
  text: v.string(),
  html: v.string(),
  /** Further header fields, such as `List-Unsubscribe`. */
  headers: v.record(v.string(), v.string()),
});
export type Mail = v.InferOutput<typeof Mail>;

const MAX_SUBJECT_CHARACTERS = 200;

/** A mail from texts of any origin. @throws TypeError for an address or a header that is none */
export function createMail(mail: Mail): Mail {
  const recipients = mail.to.map(addressOf);
  if (parseSender(mail.from) === null) throw new TypeError("The sender is no address");
  for (const [name, value] of Object.entries(mail.headers)) {
    if (!/^[A-Za-z][A-Za-z-]{0,60}$/.test(name) || !/^[\x20-\x7e]{0,2000}$/.test(value))
      throw new TypeError(`The mail's header ${JSON.stringify(name)} cannot be sent`);
  }
  return {
    ...mail,
    to: recipients,
    reply_to: mail.reply_to === null ? null : addressOf(mail.reply_to),
    subject: oneLine(mail.subject).slice(0, MAX_SUBJECT_CHARACTERS).toWellFormed(),
  };
}

function addressOf(text: string): string {
  const parsed = parseEmail(text);
  if (!parsed.ok) throw new TypeError("A recipient is no address");
  return parsed.email.address;
}

/** Characters that end a line, or turn the direction of those that follow. */
const UNSENDABLE = lazyPattern(String.raw`[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+`, "gu");

function oneLine(text: string): string {
  return text.replaceAll(UNSENDABLE(), " ").trim();
}

/** A sender: an address, alone or as `Name <address>`. */
export interface Sender {
  readonly name: string | null;
  readonly address: string;
}

const NAMED = lazyPattern(String.raw`^([^<>"\p{Cc}\p{Zl}\p{Zp}]{1,100})<([^<>]+)>$`, "u");

/** Reads a sender, or null for what is none. */
export function parseSender(text: string): Sender | null {
  const [, name, inner] = NAMED().exec(text) ?? [];
  const parsed = parseEmail(inner ?? text);
  if (!parsed.ok) return null;
  const label = name?.trim() ?? "";
  return { name: label === "" ? null : label, address: parsed.email.address };
}

const Text = v.pipe(v.string(), v.maxLength(2048));

/** MAIL as the operator writes it. */
export const MailSettings = lazySchema(() =>
  v.variant("via", [
    v.strictObject({ via: v.literal("binding"), from: Text }),
    v.strictObject({ via: v.literal("resend"), from: Text, secret: Text, url: v.optional(Text) }),
    v.strictObject({ via: v.literal("webhook"), from: Text, secret: Text, url: Text }),
    v.strictObject({ via: v.literal("outbox"), from: Text }),
  ]),
);

/** The service that sends mails. `outbox` sends none: they can be read where deliveries are listed. */
export type MailService = { readonly from: string } & (
  | { readonly via: "binding" }
  | { readonly via: "resend"; readonly url: URL; readonly key: string }
  | { readonly via: "webhook"; readonly url: URL; readonly keys: readonly Uint8Array[] }
  | { readonly via: "outbox" }
);

const RESEND_URL = "https://api.resend.com/emails";

/** Reads MAIL. @throws TypeError naming the field; values are not in it */
export function createMailService(
  settings: v.InferOutput<typeof MailSettings>,
  secret: (name: string) => string | undefined,
): MailService {
  const fill = (text: string) => fillSecrets(text, secret).text;
  const from = fill(settings.from);
  if (parseSender(from) === null) throw new TypeError("from: not an address, nor Name <address>");
  if (settings.via === "binding" || settings.via === "outbox") return { from, via: settings.via };
  const url = URL.parse(fill(settings.url ?? RESEND_URL));
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError("url: not an http(s) URL");
  const key = fill(settings.secret);
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError("secret: no header can carry it");
  if (settings.via === "resend") return { from, via: "resend", url, key };
  const signing = decodeWebhookSecret(key);
  if (signing === null) throw new TypeError("secret: not whsec_ and base64 of 24 to 64 bytes");
  return { from, via: "webhook", url, keys: [signing] };
}
