// Secrets that were sent to an upstream and come back in its answer: whatever usual spelling it gives
// them, its reader does not see them.

/** Makes a secret unreadable wherever an upstream echoes it. */
export interface Redaction {
  /** In bytes, in place, before they are decoded. */
  bytes(bytes: Uint8Array): void;
  /** In a text, such as a header or a URL. */
  text(text: string): string;
  /** In the strings of a JSON value, keys included: JSON can spell a text with escapes. */
  value(value: unknown): unknown;
}

const NO_REDACTION: Redaction = {
  bytes: () => undefined,
  text: (text) => text,
  value: (value) => value,
};

/**
 * A redaction of these secrets, in any mixture of plain, percent-encoded (also as forms are), with the
 * escapes of JSON and HTML, in either case; as base64, also within a longer text; and as hexadecimal.
 */
export function createRedaction(secrets: readonly string[]): Redaction {
  if (secrets.length === 0) return NO_REDACTION;
  const redaction = made.get(secrets) ?? compile(secrets);
  made.set(secrets, redaction);
  return redaction;
}

/** By the list of an upstream or a channel, which lives as long as the configuration. */
const made = new WeakMap<readonly string[], Redaction>();

function compile(secrets: readonly string[]): Redaction {
  // The longest first, or a secret within another would leave the other's rest.
  const spelt = secrets.toSorted((a, b) => b.length - a.length);
  const inText = patternOf(spelt, escapeRegExp);
  const inBytes = patternOf(spelt, (character) => escapeRegExp(asBytes(encoder.encode(character))));
  const clean = (text: string) => text.replace(inText, (found) => "*".repeat(found.length));
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return clean(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [clean(key), walk(child)]),
    );
  };
  return {
    bytes: (bytes) => {
      for (const { 0: found, index } of asBytes(bytes).matchAll(inBytes)) {
        bytes.fill("*".charCodeAt(0), index, index + found.length);
      }
    },
    text: clean,
    value: walk,
  };
}

const encoder = new TextEncoder();
/** A character for each byte, so that places in the text are places in the bytes. */
const oneForOne = new TextDecoder("windows-1252");
const asBytes = (bytes: Uint8Array) => oneForOne.decode(bytes);
const escapeRegExp = (text: string) => text.replaceAll(/[^\w\s]/g, "\\$&");

/** Secrets are the operator's: nobody else can make a pattern of them that takes long. */
function patternOf(secrets: readonly string[], plain: (character: string) => string): RegExp {
  const patterns = secrets.flatMap((secret) => [
    Array.from(secret, (character) => spellingsOf(character, plain)).join(""),
    ...transcriptionsOf(secret),
  ]);
  return new RegExp(patterns.join("|"), "gi");
}

const HTML_NAMES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** All that may stand for one character. */
function spellingsOf(character: string, plain: (character: string) => string): string {
  const octets = Array.from(encoder.encode(character), (byte) => `%(?:25)*${hexOf(byte)}`).join("");
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const code = character.codePointAt(0) ?? 0;
  const name = HTML_NAMES[character];
  const spellings = [
    plain(character),
    octets,
    units.map((unit) => `\\\\u${unit.toString(16).padStart(4, "0")}`).join(""),
    `&#0*${code};`,
    `&#x0*${code.toString(16)};`,
    ...(name === undefined ? [] : [`&${name};`]),
    ...(character === " " ? ["\\+"] : []),
    ...('"\\/'.includes(character) ? [`\\\\${escapeRegExp(character)}`] : []),
  ];
  return `(?:${spellings.join("|")})`;
}

/** Shorter transcriptions are too often something else. */
const MIN_TRANSCRIPTION_CHARACTERS = 8;

/** The secret as a whole in another alphabet; in base64, either of RFC 4648, also percent-encoded or in JSON. */
function transcriptionsOf(secret: string): string[] {
  const bytes = encoder.encode(secret);
  const hex = Array.from(bytes, hexOf).join("");
  return [hex, ...[0, 1, 2].map((before) => base64Within(bytes, before))]
    .filter(({ length }) => length >= MIN_TRANSCRIPTION_CHARACTERS)
    .map((text) => text.replaceAll("+", "(?:[-+]|%2b)").replaceAll("/", "(?:[_/]|%2f|\\\\/)"));
}

/** The characters of base64 that depend on these bytes alone, where so many others (modulo 3) stand before. */
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
