// Operations that find e-mail addresses, URLs and numbers in a text. Each pattern reads every character a
// bounded number of times, whatever the text.
import * as v from "valibot";
import { type OperationDefinition, textOperation } from "./operation";
import { lazy, lazyPattern } from "../../lib/lazy";
import { exactNumber } from "./numbers";

/** Characters of the longest local part and domain (RFC 5321 §4.5.3.1). */
const MAX_LOCAL_CHARS = 64;
const MAX_DOMAIN_CHARS = 255;

/** A character of an atom (RFC 5322 §3.2.3, RFC 6531 §3.3), or a dot. */
const LOCAL_CHAR = lazyPattern(String.raw`[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_\x60{|}~-]`, "u");
/**
 * First character of a local part. Other punctuation before an address belongs to the text: a quote, a
 * bracket, a bullet.
 */
const LOCAL_START = lazyPattern(String.raw`[\p{L}\p{N}_+-]`, "u");
// Labels hold no dot, so labels and dots can be matched in one way only. No further name character may
// follow.
const DOMAIN = lazyPattern(
  String.raw`(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.){1,126}(?:[xX][nN]--[A-Za-z\d-]{1,59}|\p{L}[\p{L}\p{M}]{1,62})(?![\p{L}\p{N}\p{M}]|[.-][\p{L}\p{N}])`,
  "uy",
);

function domainAt(text: string, at: number): string {
  // The window bounds how much the pattern reads, and is long enough to show that a domain is too long.
  const window = text.slice(at, at + MAX_DOMAIN_CHARS + 2);
  const pattern = DOMAIN();
  pattern.lastIndex = 0;
  const domain = pattern.exec(window)?.[0] ?? "";
  return domain.length > MAX_DOMAIN_CHARS ? "" : domain;
}

/** The character that ends at `at`, of one or two code units. */
function charBefore(text: string, at: number): string {
  const isPair = /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(Math.max(0, at - 2), at));
  return text.slice(at - (isPair ? 2 : 1), at);
}

/** The local part that ends at `at`; an empty text if there is none, or if it is too long or cut off. */
function localBefore(text: string, at: number, from: number): string {
  let start = at;
  while (start > from && at - start <= MAX_LOCAL_CHARS) {
    const char = charBefore(text, start);
    if (!LOCAL_CHAR().test(char)) break;
    start -= char.length;
  }
  const run = text.slice(start, at);
  const local = run.slice(afterContext(run));
  const first = local.search(LOCAL_START());
  const isCutOff = first === 0 && local === run && start === from && from > 0;
  if (first === -1 || isCutOff || local.length > MAX_LOCAL_CHARS) return "";
  return local.slice(first);
}

/**
 * Matches what may stand directly before an address: a path, a table's line, a query, or `key=`. That only where it is
 * the one `=`: the addresses of mail forwarders hold several themselves.
 */
const CONTEXT = lazyPattern(String.raw`^.*(?:[/|]|[?&][^?&=]*=)|^[\p{L}_-]+=(?!.*=)`, "u");

/** The place after what is no part of an address, though its characters could be. */
function afterContext(run: string): number {
  return CONTEXT().exec(run)?.[0].length ?? 0;
}

/** A text without what breaks or joins lines unseen: half an address would be another one. */
const unbroken = (text: string) => text.replaceAll(/[\u00ad\u2060]/g, "");

/** All e-mail addresses in order, repeats included. */
export function* extractEmails(written: string): Generator<string> {
  const text = unbroken(written);
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const local = localBefore(text, at, from);
    const domain = local === "" || /\.(?:\.|$)/.test(local) ? "" : domainAt(text, at + 1);
    if (domain === "") continue;
    yield `${local}@${domain}`;
    from = at + 1 + domain.length;
  }
}

// Spelt out: in a pattern that ignores case, `s` is the long s of old prints as well.
const SCHEME = "[hH][tT]{2}[pP][sS]?://";
// A letter, digit or IPv6 address must follow `//`: anything else is taken for a URL without parsing, since
// parsing a long internationalised host takes quadratic time.
const URL_START = lazyPattern(
  String.raw`(?<![A-Za-z\d])${SCHEME}(?=[\p{L}\p{N}]|\[[\dA-Fa-f:.]+\])`,
  "gu",
);
// All of a URL but its brackets. An apostrophe belongs to it between letters only; otherwise it is a quote.
// Punctuation of East Asian scripts ends it, and so does another URL behind a comma or a semicolon: a list without
// spaces. Marks of direction are none of it (RFC 3987 §4.1): messengers put them around.
const URL_PART = lazyPattern(
  String.raw`(?:(?![,;)\]]{1,3}${SCHEME})[^\s\p{Cc}\p{Cs}\p{Bidi_Control}\u200b<>"\x60{}|\\^()[\]'\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u3000-\u303f\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]|['\u2019](?=[\p{L}\p{N}]))*`,
  "uy",
);
/** Punctuation that ends a sentence, or what is in brackets; of that of URLs, `# % & @ / \` stay. */
const CLOSING = lazyPattern(String.raw`(?![#%&@/\\-])[\p{P}~\u2026]`, "u");
/** The end of the URL whose host begins at a place. A closing bracket that was not opened in it ends it. */
function endOfUrl(text: string, from: number): number {
  const part = URL_PART();
  let [round, square] = [0, 0];
  for (let at = from; ; at += 1) {
    part.lastIndex = at;
    at += part.exec(text)?.[0].length ?? 0;
    const char = text.charAt(at);
    if (char === "(") round += 1;
    else if (char === "[") square += 1;
    else if (char === ")" && round > 0) round -= 1;
    else if (char === "]" && square > 0) square -= 1;
    else return at;
  }
}

/** Drops punctuation at the end that belongs to the sentence. */
function trimUrl(url: string): string {
  let end = url.length;
  while (CLOSING().test(url.charAt(end - 1)) && !/[)\]]/.test(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}

/** All `http` and `https` URLs in order, repeats included. */
export function extractUrls(written: string): string[] {
  const text = unbroken(written);
  const found: string[] = [];
  const starts = URL_START();
  starts.lastIndex = 0;
  for (let start = starts.exec(text); start !== null; start = starts.exec(text)) {
    const end = endOfUrl(text, starts.lastIndex);
    found.push(trimUrl(text.slice(start.index, end)));
    starts.lastIndex = end;
  }
  return found;
}

/** Separators of groups of three digits, besides the comma or the point, whichever is not the decimal sign. */
const GROUPS = "'\\u2019\\u00a0\\u2009\\u202f";
const SIGNS = "+\\-\u2212";

/** Arabic's decimal sign. */
const ARABIC_DECIMAL = "\u066b";
/** Digits of any script, Arabic's separators, and signs of East Asian width. Commas of that width part the numbers of a list. */
const FOREIGN = lazyPattern(String.raw`(?!\d)\p{Nd}|[\u066b\u066c\uff0b\uff0d\uff0e]`, "gu");
const DIGIT = lazyPattern(String.raw`\p{Nd}`, "u");
/** ASCII by foreign signs, as they are met: that of groups first. */
const plainSigns = new Map([["\u066c", "'"]]);

/** The sign of ASCII for a foreign one. */
function plainSign(sign: string): string {
  const known = plainSigns.get(sign);
  if (known !== undefined) return known;
  const code = sign.codePointAt(0) ?? 0;
  let zero = code;
  // Digits stand in tens, from 0 to 9 (Unicode Standard §4.6).
  while (DIGIT().test(String.fromCodePoint(zero - 1))) zero -= 1;
  const plain = DIGIT().test(sign) ? String((code - zero) % 10) : sign.normalize("NFKC");
  plainSigns.set(sign, plain);
  return plain;
}

/**
 * Creates the pattern of a number. A sign counts unless digits or letters precede it, as in `2024-01-02`. Groups
 * of three digits belong together, unless another comma and digit follow: that is a list.
 */
function numberPattern(decimal: "." | ","): RegExp {
  const point = `[${decimal}]`;
  const group = `[${decimal === "." ? "," : "."}${GROUPS}]`;
  const sign = `(?:(?<![\\p{L}\\p{N}.,)])[${SIGNS}])?`;
  const grouped = `(?<!\\d${group})\\d{1,3}(${group})\\d{3}(?:\\2\\d{3})*(?!\\d|${group}\\d)`;
  const plain = `\\d+`;
  const fraction = `(?:${point}\\d+)?`;
  const bare = `(?<![\\p{N}${decimal}])${point}\\d+`;
  return new RegExp(
    `(${sign}(?:(?:${grouped}|${plain})${fraction}|${bare})(?:e[+-]?\\d+)?)`,
    "giu",
  );
}

const numberPatterns = { ".": lazy(() => numberPattern(".")), ",": lazy(() => numberPattern(",")) };

/** The plain form of a written number. */
function plainNumber(written: string, decimal: "." | ","): string {
  return written
    .replace(/^\u2212/, "-")
    .replaceAll(
      decimal === "." ? /[,'\u2019\u00a0\u2009\u202f]/g : /[.'\u2019\u00a0\u2009\u202f]/g,
      "",
    )
    .replace(",", ".");
}

/** All decimal numbers in order. Throws `ItemError` for one that a double cannot hold. */
export function* extractNumbers(text: string, decimal: "." | "," = "."): Generator<number> {
  const plain = text.replaceAll(FOREIGN(), (sign) =>
    sign === ARABIC_DECIMAL ? decimal : plainSign(sign),
  );
  const found = plain.matchAll(numberPatterns[decimal]());
  for (const [written] of found) yield exactNumber(plainNumber(written, decimal));
}

/** All operations that extract. */
export const extractOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "extract_emails",
    summary: "The e-mail addresses in a text",
    parameters: {},
    example: {
      input: ["Write to ada@example.com, or <bob+x@mail.example.org>."],
      output: [["ada@example.com", "bob+x@mail.example.org"]],
    },
    price: { per_item: 100, per_character: 14 },
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
    price: { per_item: 300, per_character: 15 },
    make: () => extractUrls,
  }),
  textOperation({
    name: "extract_numbers",
    summary:
      "The decimal numbers in a text, in digits of any script; groups of three belong together",
    parameters: {
      decimal: v.optional(
        v.pipe(
          v.picklist([".", ","]),
          v.description("The decimal sign; the other one separates groups of three digits."),
        ),
        ".",
      ),
    },
    example: {
      input: ["From -3 to 4.5, about 1e3, or 1,234.5."],
      output: [[-3, 4.5, 1000, 1234.5]],
    },
    price: { per_item: 100, per_character: 10 },
    make:
      ({ decimal }) =>
      (text) =>
        extractNumbers(text, decimal),
  }),
];
