// Messages in the formats of the services, by their own documents. What a text holds stays text: nothing in
// it rings, unfurls, or looks like a line that we wrote.
import { cut, toText, type Message } from "./message";

/** The body and the headers of a message to a service. */
export interface Formatted {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Discord, for one, refuses requests without it. */
export const SENDER = { "user-agent": "serentak" };
const JSON_HEADERS = { ...SENDER, "content-type": "application/json" };

/** Slack cuts texts of more than 40,000 characters, and recommends far fewer. */
const MAX_SLACK_CHARACTERS = 4000;
/** Discord's limit for a message. */
const MAX_DISCORD_CHARACTERS = 2000;
/** Telegram's limit, in UTF-16 code units. */
const MAX_TELEGRAM_CHARACTERS = 4096;
/** ntfy takes what has more bytes for a file. */
const MAX_NTFY_BYTES = 4000;

/** The services that people read in. */
export type ChatType = "slack" | "discord" | "telegram" | "ntfy";

/** A service's form of the lines of a message: escaped, and how many characters it may have. */
interface Dialect {
  readonly escape: (text: string) => string;
  readonly maxCharacters: number;
}

const dialects: Readonly<Record<ChatType, Dialect>> = {
  slack: { escape: escapeSlack, maxCharacters: MAX_SLACK_CHARACTERS },
  discord: { escape: escapeDiscord, maxCharacters: MAX_DISCORD_CHARACTERS },
  telegram: { escape: withoutMentions, maxCharacters: MAX_TELEGRAM_CHARACTERS },
  // Three bytes a character at most.
  ntfy: { escape: (text) => text, maxCharacters: Math.floor(MAX_NTFY_BYTES / 3) },
};

/** The text of one message, escaped and no longer than the service takes. */
export function chatText(type: ChatType, message: Message): string {
  const { escape, maxCharacters } = dialects[type];
  // On ntfy the subject is the title.
  const whole =
    type === "ntfy" ? toText(message).slice(message.subject.length).trim() : toText(message);
  const text = whole === "" ? message.subject : whole;
  let room = maxCharacters;
  let escaped = escape(cut(text, room));
  // Escapes make it longer: less of the text fits.
  while (escaped.length > maxCharacters) {
    room = Math.max(20, Math.floor((room * maxCharacters) / escaped.length) - 1);
    escaped = escape(cut(text, room));
  }
  return escaped;
}

/** A digest: a line for each message, as many whole lines as one message of the service holds. */
export interface Digest {
  readonly text: string;
  /** How many of the messages are in it. */
  readonly count: number;
}

/** The first of these messages as one. At least one is in it. */
export function digestText(type: ChatType | "email", messages: readonly Message[]): Digest {
  const { escape, maxCharacters } =
    type === "email" ? { escape: (text: string) => text, maxCharacters: 100_000 } : dialects[type];
  const link = messages.findLast((message) => message.link !== null)?.link ?? null;
  const tail = link === null ? "" : `\n\n${escape(link)}`;
  const lines: string[] = [];
  let length = `${messages.length} messages`.length + tail.length;
  for (const message of messages) {
    const line = `• ${escape(cut(lineOf(message), MAX_LINE_CHARACTERS))}`;
    length += line.length + 1;
    if (lines.length > 0 && length > maxCharacters) break;
    lines.push(line);
  }
  const text = [`${lines.length} messages`, ...lines].join("\n") + tail;
  return { text, count: lines.length };
}

/** Characters of an event's line in a digest, at most; a task's title alone may have 200. */
const MAX_LINE_CHARACTERS = 300;

function lineOf({ subject, fields }: Message): string {
  const known = new Map(fields);
  const more = ["Priority", "Due", "Status"].flatMap((label) => known.get(label) ?? []);
  return more.length === 0 ? subject : `${subject} (${more.join(", ")})`;
}

/** A message as Slack's incoming webhooks take it. */
export function toSlack(text: string): Formatted {
  const body = { text, mrkdwn: false, unfurl_links: false, unfurl_media: false };
  return { headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** A message as Discord's webhooks take it. `flags` 4 is SUPPRESS_EMBEDS. */
export function toDiscord(text: string): Formatted {
  const body = { content: text, allowed_mentions: { parse: [] }, flags: 4 };
  return { headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** A message as `sendMessage` of Telegram's Bot API takes it: without a parse mode it is plain text. */
export function toTelegram(text: string, chat: string | number): Formatted {
  const body = { chat_id: chat, text, link_preview_options: { is_disabled: true } };
  return { headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/** A message as ntfy takes it: the text as body, the rest in headers. */
export function toNtfy(
  text: string,
  { subject, priority, link }: Pick<Message, "subject" | "priority" | "link">,
  tags: string,
  token: string | null,
): Formatted {
  return {
    body: text,
    headers: {
      ...SENDER,
      "content-type": "text/plain; charset=utf-8",
      title: encodeHeader(subject),
      priority: String(priority),
      tags,
      ...(link !== null && { click: new URL(link).href }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
  };
}

/** Slack's own escapes: nothing in a text becomes a link or a mention. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An address up to what could be formatting or the end of a masked link. */
const ADDRESS = /https?:\/\/[\w\-.~:/?#@!$&'+,;=%]+/g;

/** Nothing becomes formatting or a link that says something else; addresses stay as they are. */
function escapeDiscord(text: string): string {
  let escaped = "";
  let at = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    escaped += escapeMarkdown(text.slice(at, index)) + address;
    at = index + address.length;
  }
  return (escaped + escapeMarkdown(text.slice(at))).replaceAll(
    /^(\s*)([#+-]|\d{1,9}(?=\.))/gm,
    (_, space: string, mark: string) =>
      /\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
  );
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~|`<>[\]()]/g, "\\$&");
}

/** Telegram links every `@name`, and rings there: a joiner after the sign makes it text. */
function withoutMentions(text: string): string {
  return text.replaceAll(/(?<![\w.+-])@(?=\w)/g, "@\u2060");
}

/** A header of UTF-8, by RFC 2047 where it is not ASCII: words of at most 75 characters. */
export function encodeHeader(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?")) return text;
  const encoder = new TextEncoder();
  const words: string[] = [];
  let part = "";
  for (const character of text) {
    if (encoder.encode(part + character).length > MAX_WORD_BYTES) {
      words.push(part);
      part = "";
    }
    part += character;
  }
  const encode = (word: string) => `=?UTF-8?B?${encoder.encode(word).toBase64()}?=`;
  return [...words, part].map(encode).join(" ");
}

/** In base64 these are 60 characters, beside the twelve around them. */
const MAX_WORD_BYTES = 45;
