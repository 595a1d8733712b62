// Mails to people who signed up. Their address is not known to be theirs: nothing that the caller wrote is in
// them, so that nobody can send words of his own under the owner's name.
import type { Language } from "../../lib/languages";
import { markup, type Html } from "../../lib/markup";
import { createMail, parseSender, type Mail } from "./mail";

/** A mail to somebody who signed up. */
export interface SignUpMail {
  readonly from: string;
  readonly to: string;
  readonly language: Language;
  /** The link that confirms the address; null if it is confirmed already. */
  readonly confirmUrl: string | null;
  readonly unsubscribeUrl: string;
}

interface Texts {
  readonly subject: string;
  readonly opening: (sender: string) => string;
  /** Label of the link; null where there is no link. */
  readonly button: string | null;
  readonly closing: string;
  readonly leave: string;
}

const TEXTS: Readonly<Record<Language, Record<"confirm" | "known", Texts>>> = {
  en: {
    confirm: {
      subject: "Confirm your e-mail address",
      opening: (sender) =>
        `Somebody, probably you, has signed up at ${sender} with this address. Open this link within a day to confirm it:`,
      button: "Confirm the address",
      closing: "If it was not you, do nothing: what is not confirmed is deleted after seven days.",
      leave: "Delete it now",
    },
    known: {
      subject: "You are signed up already",
      opening: (sender) =>
        `Somebody, probably you, has signed up at ${sender} with this address again. It is confirmed already, and nothing has changed.`,
      button: null,
      closing: "If it was not you, do nothing.",
      leave: "Unsubscribe and delete what is kept of you",
    },
  },
  id: {
    confirm: {
      subject: "Konfirmasi alamat e-mail Anda",
      opening: (sender) =>
        `Seseorang, mungkin Anda, mendaftar di ${sender} dengan alamat ini. Buka tautan ini dalam satu hari untuk mengonfirmasinya:`,
      button: "Konfirmasi alamat",
      closing:
        "Jika bukan Anda, abaikan saja: pendaftaran yang tidak dikonfirmasi dihapus setelah tujuh hari.",
      leave: "Hapus sekarang",
    },
    known: {
      subject: "Anda sudah terdaftar",
      opening: (sender) =>
        `Seseorang, mungkin Anda, mendaftar lagi di ${sender} dengan alamat ini. Alamat ini sudah dikonfirmasi, dan tidak ada yang berubah.`,
      button: null,
      closing: "Jika bukan Anda, abaikan saja.",
      leave: "Berhenti berlangganan dan hapus data Anda",
    },
  },
};

/** The mail that asks to confirm an address, or says that it is confirmed. */
export function createSignUpMail(given: SignUpMail): Mail {
  const { from, to, language, confirmUrl, unsubscribeUrl } = given;
  const texts = TEXTS[language][confirmUrl === null ? "known" : "confirm"];
  const opening = texts.opening(nameOf(from));
  const { subject, closing, leave } = texts;
  const link = confirmUrl === null ? [] : [confirmUrl];
  const text = [opening, ...link, closing, `${leave}: ${unsubscribeUrl}`].join("\n\n");
  return createMail({
    from,
    to: [to],
    reply_to: null,
    subject,
    text: `${text}\n`,
    html: toHtml(language, subject, [
      markup`<p>${opening}</p>`,
      ...link.map((url) => markup`<p><a href="${url}">${texts.button ?? url}</a></p>`),
      markup`<p>${closing}</p>`,
      markup`<p><a href="${unsubscribeUrl}">${leave}</a></p>`,
    ]),
    headers: unsubscribeHeaders(unsubscribeUrl),
  });
}

/** Header fields by which mail programs offer to unsubscribe with one click (RFC 2369, RFC 8058). */
function unsubscribeHeaders(url: string): Readonly<Record<string, string>> {
  return { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
}

/** The name of a sender, or the domain of the address if there is none. */
function nameOf(from: string): string {
  const sender = parseSender(from);
  return sender?.name ?? sender?.address.split("@").at(-1) ?? from;
}

function toHtml(language: Language, title: string, content: readonly Html[]): string {
  return markup`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${title}</title></head><body>
<h1>${title}</h1>
${content}
</body></html>
`.text;
}
