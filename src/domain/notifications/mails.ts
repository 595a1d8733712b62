// Events as mails: plain text and HTML of the same message.
import { createMail, type Mail } from "../mail/mail";
import { cut, toText, type Message } from "./message";

const MAX_TEXT_CHARACTERS = 100_000;

/** The mail that tells of an event. */
export function toMail(message: Message, from: string, to: readonly string[]): Mail {
  const { subject, fields, body, link, replyTo } = message;
  const rows = fields.map(
    ([label, value]) => `<tr><th align="left">${html(label)}</th><td>${html(value)}</td></tr>`,
  );
  const parts = [
    `<h1>${html(subject)}</h1>`,
    ...(rows.length === 0 ? [] : [`<table>${rows.join("")}</table>`]),
    ...(body === null ? [] : [`<p style="white-space: pre-wrap">${html(body)}</p>`]),
    ...(link === null ? [] : [`<p><a href="${html(link)}">${html(link)}</a></p>`]),
  ];
  return createMail({
    from,
    to: [...to],
    reply_to: replyTo,
    subject,
    text: `${cut(toText(message), MAX_TEXT_CHARACTERS)}\n`,
    html: page(parts.join("\n")),
    headers: {},
  });
}

/** The mail that tells of several events, a line each. */
export function toDigestMail(text: string, from: string, to: readonly string[]): Mail {
  const [subject = "", ...lines] = text.split("\n");
  const list = lines.map((line) => html(line)).join("<br>\n");
  const body = page(`<h1>${html(subject)}</h1>\n<p>${list}</p>`);
  const mail = { from, to: [...to], reply_to: null, subject, text: `${text}\n`, html: body };
  return createMail({ ...mail, headers: {} });
}

function page(content: string): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"></head><body>\n${content}\n</body></html>\n`;
}

function html(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
