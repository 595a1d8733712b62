// Redacts secrets that were sent to an upstream and that it echoes, in any of their usual encodings.
import { isExactNumber } from "../../lib/exact-json";
import { oneForOne, readingsOf, soughtOf, withoutEscapes } from "./readings";

/** Redacts secrets in a response. */
export interface Redaction {
  /** Redacts bytes, before they are decoded; returns the same if no secret is in them. */
  bytes(this: void, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** Redacts a text, such as a header or a URL; returns the same if no secret is in it. */
  text(this: void, text: string): string;
  /** Redacts the strings of a JSON value, keys included. A number that holds a secret becomes a string. */
  value(this: void, value: unknown): unknown;
}

const NO_REDACTION: Redaction = {
  bytes: (bytes) => bytes,
  text: (text) => text,
  value: (value) => value,
};

/** Creates a redaction of these secrets, in either letter case, in whatever a text can be read as. */
export function createRedaction(secrets: readonly string[]): Redaction {
  if (secrets.length === 0) return NO_REDACTION;
  const redaction = made.get(secrets) ?? compile(secrets);
  made.set(secrets, redaction);
  return redaction;
}

/**
 * Redactions by their list of secrets, which exists once per upstream or channel as long as the configuration
 * does.
 */
const made = new WeakMap<readonly string[], Redaction>();

function compile(secrets: readonly string[]): Redaction {
  const needles = [...new Set(secrets.flatMap(casesOf).flatMap(spellingsOf))];
  const sought = soughtOf(needles);
  // Longest first: if one secret contains another, replacing the shorter first would leave the rest visible.
  const longestFirst = needles.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(patternOf).join("|"), "gi");
  const find = (text: string) => {
    const places: Place[] = [];
    for (const reading of readingsOf(text, sought)) {
      for (const { 0: found, index } of reading.text.matchAll(pattern))
        places.push(reading.placeOf(index, index + found.length));
    }
    return places.toSorted(([a], [b]) => a - b);
  };
  const clean = (text: string) => redactAt(text, find(text));
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return clean(node);
    if (typeof node === "number" || isExactNumber(node)) {
      const text = isExactNumber(node) ? node.rawJSON : String(node);
      const cleaned = clean(text);
      return cleaned === text ? node : cleaned;
    }
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [clean(key), walk(child)]),
    );
  };
  return {
    bytes: (bytes) => {
      const places = find(oneForOne(bytes));
      if (places.length === 0) return bytes;
      const cleaned = bytes.slice();
      for (const [start, end] of places) {
        for (let at = Math.floor(start); at < end; at += 1)
          if (cleaned[at] !== 0) cleaned[at] = STAR;
      }
      return cleaned;
    },
    text: clean,
    value: walk,
  };
}

/** A part of a text, of which a fraction of the first and the last character may be meant. */
type Place = readonly [start: number, end: number];

const STAR = "*".charCodeAt(0);

/** The text with stars in these places, which are in order. NUL stays, or UTF-16 read as bytes would break. */
function redactAt(text: string, places: readonly Place[]): string {
  let redacted = "";
  let at = 0;
  for (const [start, end] of places) {
    const from = Math.max(at, Math.floor(start));
    const to = Math.max(from, Math.ceil(end));
    redacted += text.slice(at, from) + text.slice(from, to).replaceAll(/[^\0]/g, "*");
    at = to;
  }
  return redacted + text.slice(at);
}

/** Characters of the shortest text without escapes that is looked for: a shorter one occurs by accident. */
const MIN_BARE_CHARACTERS = 6;

/** A secret in each case that its bytes can have: of ASCII, the search itself makes no difference. */
function casesOf(secret: string): string[] {
  return /^[\x20-\x7e]*$/.test(secret)
    ? [secret]
    : [secret, secret.toLowerCase(), secret.toUpperCase()];
}

/** A secret as its characters, and as the bytes of UTF-8 and UTF-16, each also with its escapes undone. */
function spellingsOf(secret: string): string[] {
  const utf8 = new TextEncoder().encode(secret);
  const units = Array.from({ length: secret.length }, (_, at) => secret.charCodeAt(at));
  const spellings = [
    secret,
    oneForOne(utf8),
    // As headers have it, where the runtime gives one character per byte.
    String.fromCharCode(...utf8),
    oneForOne(Uint8Array.from(units.flatMap((unit) => [unit & 0xff, unit >> 8]))),
    oneForOne(Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 0xff]))),
  ].map((text) => text.replaceAll("\0", ""));
  const bare = spellings.map(withoutEscapes).filter(({ length }) => length >= MIN_BARE_CHARACTERS);
  return [...spellings, ...bare];
}

/**
 * A pattern of a text, in which forms write a space as `+`, mails a `=` as `=3D` (RFC 2045 §6.7), and CSV and SQL
 * a quote twice.
 */
function patternOf(text: string): string {
  return Array.from(text, (character) => {
    if (character === " " || character === "+") return "[ +]";
    if (character === '"' || character === "'") return `${character}{1,2}`;
    return character === "=" ? "=(?:3d)?" : character.replaceAll(/[^\w\s]/g, "\\$&");
  }).join("");
}
