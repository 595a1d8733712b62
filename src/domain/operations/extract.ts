// What a text mentions: e-mail addresses, URLs, numbers. Every pattern reads each character a bounded
// number of times, whatever the text.
import { type OperationDefinition, textOperation } from "./operation";

/** Longest local part and domain (RFC 5321 §4.5.3.1). */
const MAX_LOCAL_CHARS = 64;
const MAX_DOMAIN_CHARS = 255;

const LOCAL_CHAR = /[\p{L}\p{N}._%+-]/u;
// A label holds no dot, so labels and dots can be matched in one way only.
const DOMAIN =
  /(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.){1,126}(?:xn--[a-z0-9-]{1,59}|\p{L}[\p{L}\p{M}]{1,62})(?![\p{L}\p{N}])/iuy;

function domainAt(text: string, at: number): string {
  // The window bounds what the pattern can read, and read again.
  const window = text.slice(at, at + MAX_DOMAIN_CHARS);
  DOMAIN.lastIndex = 0;
  return DOMAIN.exec(window)?.[0] ?? "";
}

function localBefore(text: string, at: number, from: number): string {
  const floor = Math.max(from, at - MAX_LOCAL_CHARS);
  let start = at;
  while (start > floor && LOCAL_CHAR.test(text.charAt(start - 1))) start -= 1;
  while (start < at && text.charAt(start) === ".") start += 1;
  return text.slice(start, at);
}

/** E-mail addresses in order, repeats included. */
export function extractEmails(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const local = localBefore(text, at, from);
    const domain = local === "" || local.endsWith(".") ? "" : domainAt(text, at + 1);
    if (domain === "") continue;
    found.push(`${local}@${domain}`);
    from = at + 1 + domain.length;
  }
  return found;
}

// A letter, digit or bracket (IPv6) must follow: what begins like a host is taken for a URL unparsed,
// since parsing a long internationalised host costs the square of its length.
const URL_RUN = /\bhttps?:\/\/[\p{L}\p{N}[][^\s<>"'`{}|\\^]*/giu;
const CLOSING = ".,;:!?)]*_~…»”’";

/** Drops punctuation that belongs to the sentence; a closing bracket stays when it was opened inside. */
function trimUrl(run: string): string {
  let open = run.split("(").length - run.split(")").length;
  let end = run.length;
  while (end > 0 && CLOSING.includes(run.charAt(end - 1))) {
    const isBracket = run.charAt(end - 1) === ")";
    if (isBracket && open >= 0) break;
    if (isBracket) open += 1;
    end -= 1;
  }
  return run.slice(0, end);
}

/** `http` and `https` URLs in order, repeats included. */
export function extractUrls(text: string): string[] {
  return Array.from(text.matchAll(URL_RUN), ([run]) => trimUrl(run));
}

// A sign counts unless it stands between digits or letters, as in `2024-01-02`.
const NUMBERS = /(?:(?<![\p{L}\p{N}.)])[+-])?(?:\d+(?:\.\d+)?|(?<![\p{N}.])\.\d+)(?:e[+-]?\d+)?/giu;

/** Decimal numbers in order; what is too large for a number is left out. */
export function extractNumbers(text: string): number[] {
  return Array.from(text.matchAll(NUMBERS), ([match]) => Number(match)).filter(Number.isFinite);
}

/** The extract family. */
export const extractOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "extract_emails",
    summary: "The e-mail addresses in a text",
    parameters: {},
    example: {
      input: ["Write to ada@example.com, or <bob+x@mail.example.org>."],
      output: [["ada@example.com", "bob+x@mail.example.org"]],
    },
    make: () => extractEmails,
  }),
  textOperation({
    name: "extract_urls",
    summary: "The http and https URLs in a text",
    parameters: {},
    example: {
      input: ["See https://example.com/a_(b)?q=1, and (http://example.org)."],
      output: [["https://example.com/a_(b)?q=1", "http://example.org"]],
    },
    make: () => extractUrls,
  }),
  textOperation({
    name: "extract_numbers",
    summary: "The decimal numbers in a text",
    parameters: {},
    example: { input: ["From -3 to 4.5, about 1e3."], output: [[-3, 4.5, 1000]] },
    make: () => extractNumbers,
  }),
];
