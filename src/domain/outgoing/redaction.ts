// Redacts secrets that were sent to an upstream and that it echoes, in any of their usual encodings.
import { isExactNumber } from "../../lib/exact-json";

/** Redacts secrets in a response. */
export interface Redaction {
  /** Redacts bytes, before they are decoded; returns the same if no secret is in them. */
  bytes(this: void, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** Redacts a text, such as a header or a URL. */
  text(this: void, text: string): string;
  /**
   * Redacts the strings of a JSON value, keys included, since JSON escapes can hide a secret in its text. A
   * number that holds a secret becomes a string.
   */
  value(this: void, value: unknown): unknown;
}

const NO_REDACTION: Redaction = {
  bytes: (bytes) => bytes,
  text: (text) => text,
  value: (value) => value,
};

/**
 * Creates a redaction of these secrets in any mixture of plain characters, percent-encoding (that of forms
 * included) and escapes of JSON, JavaScript and HTML, in either letter case; as base64, also within a longer
 * text or broken into lines; and as hexadecimal. In bytes also as UTF-16.
 */
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
  // Longest first: if one secret contains another, replacing the shorter first would leave the rest visible.
  const spelt = secrets.toSorted((a, b) => b.length - a.length);
  const inText = patternOf(spelt, escapeRegExp, []);
  const inBytes = patternOf(
    spelt,
    (character) => escapeRegExp(asBytes(encoder.encode(character))),
    spelt.flatMap(inUtf16),
  );
  const clean = (text: string) => text.replace(inText, (found) => "*".repeat(found.length));
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
      let cleaned = bytes;
      for (const { 0: found, index } of asBytes(bytes).matchAll(inBytes)) {
        if (cleaned === bytes) cleaned = bytes.slice();
        cleaned.fill("*".charCodeAt(0), index, index + found.length);
      }
      return cleaned;
    },
    text: clean,
    value: walk,
  };
}

const encoder = new TextEncoder();
/** Decodes one character per byte, so that an index in the text is an index in the bytes. */
const oneForOne = new TextDecoder("windows-1252");
const asBytes = (bytes: Uint8Array) => oneForOne.decode(bytes);
const escapeRegExp = (text: string) => text.replaceAll(/[^\w\s]/g, "\\$&");

/**
 * A pattern that matches any of the secrets. Only the operator chooses secrets, so nobody else can make it
 * slow.
 */
function patternOf(
  secrets: readonly string[],
  plain: (character: string) => string,
  more: readonly string[],
): RegExp {
  const patterns = secrets.flatMap((secret) => [
    Array.from(secret, (character, at) => spellingsOf(character, plain, at === 0)).join(""),
    ...transcriptionsOf(secret),
  ]);
  return new RegExp([...patterns, ...more].join("|"), "gi");
}

/** A secret's bytes in UTF-16 of either order, for a body that is given as base64. */
function inUtf16(secret: string): string[] {
  const units = Array.from({ length: secret.length }, (_, at) => secret.charCodeAt(at));
  const spell = (order: (unit: number) => number[]) =>
    escapeRegExp(asBytes(Uint8Array.from(units.flatMap(order))));
  return [spell((unit) => [unit & 0xff, unit >> 8]), spell((unit) => [unit >> 8, unit & 0xff])];
}

const HTML_NAMES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

// Characters that encodings are made of, which an encoding around them can have encoded in turn.
const BACKSLASH = "(?:\\\\|%(?:25)*5c)";
/** Escapes within escapes double it. The run is bounded, for a longer one would be walked again and again. */
const BACKSLASHES = `${BACKSLASH}{1,15}`;
const AMPERSAND = "(?:&|%(?:25)*26)(?:amp(?:;|%(?:25)*3b))*";
const HASH = "(?:#|%(?:25)*23)";
const SEMICOLON = "(?:;|%(?:25)*3b)";
/** Characters before which a text in quotes has a backslash. */
const ESCAPED = new Set(['"', "\\", "/", "'"]);

/**
 * A pattern of all encodings of one character.
 *
 * @param isFirst true for a secret's first one: of a run of backslashes before it only the last matters
 */
function spellingsOf(
  character: string,
  plain: (character: string) => string,
  isFirst: boolean,
): string {
  const backslashes = isFirst ? BACKSLASH : BACKSLASHES;
  const octets = Array.from(encoder.encode(character), (byte) => `%(?:25)*${hexOf(byte)}`).join("");
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const code = character.codePointAt(0) ?? 0;
  const name = HTML_NAMES[character];
  const spellings = [
    plain(character),
    octets,
    `${AMPERSAND}${HASH}0*${code}${SEMICOLON}`,
    `${AMPERSAND}${HASH}x0*${code.toString(16)}${SEMICOLON}`,
    ...(name === undefined ? [] : [`${AMPERSAND}${name}${SEMICOLON}`]),
    ...(character === " " ? ["\\+", "%(?:25)*2b"] : []),
  ];
  const whole = `(?:${spellings.join("|")})`;
  const escapes = [
    units.map((unit) => `${backslashes}u${unit.toString(16).padStart(4, "0")}`).join(""),
    ...(code < 0x100 ? [`${backslashes}x${hexOf(code)}`] : []),
    ...(ESCAPED.has(character) && !isFirst ? [`${BACKSLASHES}${whole}`] : []),
  ];
  return `(?:${whole}|${escapes.join("|")})`;
}

/** Characters that an encoded secret must have to be redacted: shorter ones occur by accident too often. */
const MIN_TRANSCRIPTION_CHARACTERS = 8;

/**
 * Encodings of the whole secret: hexadecimal and both base64 alphabets of RFC 4648, also percent-encoded or
 * in JSON.
 */
function transcriptionsOf(secret: string): string[] {
  const bytes = encoder.encode(secret);
  const hex = Array.from(bytes, hexOf).join("");
  const base64 = [0, 1, 2].map((before) => base64Within(bytes, before));
  return [...[hex].filter(isLong), ...base64.filter(isLong).map(acrossLines)];
}

function isLong({ length }: string): boolean {
  return length >= MIN_TRANSCRIPTION_CHARACTERS;
}

/** Breaks of lines within base64 (RFC 2045 §6.8), plain or escaped. */
const LINE_BREAK = `(?:[\\r\\n]|${BACKSLASHES}[rn]|%(?:25)*0[ad]){0,8}`;

function acrossLines(base64: string): string {
  return Array.from(base64, (character) => {
    if (character === "+") return "(?:[-+]|%(?:25)*2b)";
    return character === "/" ? `(?:${BACKSLASHES})?(?:[_/]|%(?:25)*2f)` : character;
  }).join(LINE_BREAK);
}

/** The base64 characters that these bytes alone decide, if `before` other bytes (modulo 3) precede them. */
function base64Within(bytes: Uint8Array, before: number): string {
  const padded = new Uint8Array(before + bytes.length);
  padded.set(bytes, before);
  const encoded = btoa(String.fromCharCode(...padded)).replaceAll("=", "");
  const first = Math.ceil((before * 4) / 3);
  const end = Math.floor((padded.length * 4) / 3);
  return encoded.slice(first, end);
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
