// Long texts of a JSON document that stay in its bytes: as strings they would be in memory several times.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LOWER_U = 0x75;
/** Bytes from which a text is long. */
const LONG_BYTES = 64 * 1024;
/** The characters that may follow a backslash, but for the u of a number. */
const ESCAPES = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));

/** The JSON of a text, with its quotes, in UTF-8. */
export interface JsonText {
  readonly bytes: Uint8Array;
  /** UTF-16 code units. */
  readonly length: number;
}

/**
 * The JSON of the long text between two places, with white space around it; null for anything else, and for one that is
 * not JSON. Its bytes may be no UTF-8.
 */
export function longTextIn(bytes: Uint8Array, start: number, end: number): JsonText | null {
  if (end - start < LONG_BYTES) return null;
  let [from, to] = [start, end];
  while (isBlank(bytes[from])) from += 1;
  while (isBlank(bytes[to - 1])) to -= 1;
  const length = lengthOf(bytes, from, to);
  return length === null ? null : { bytes: bytes.subarray(from, to), length };
}

/** The UTF-16 code units of a text's JSON; null if it is none. */
function lengthOf(bytes: Uint8Array, from: number, to: number): number | null {
  if (afterText(bytes, from) !== to) return null;
  let length = 0;
  // Bytes of a character after its first one do not count; one of four bytes is a pair of surrogates.
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

/** The place after the JSON of a text that begins here; -1 if it is none. */
export function afterText(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return -1;
  for (let at = start + 1; ; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < SPACE) return -1;
    if (byte !== BACKSLASH) continue;
    const escaped = escapeLength(bytes, at + 1);
    if (escaped === 0) return -1;
    at += escaped;
  }
}

/** Characters after a backslash that belong to it; 0 if it is no escape. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0;
  if (ESCAPES.has(byte)) return 1;
  const digits = String.fromCharCode(...bytes.subarray(at + 1, at + 5));
  return byte === LOWER_U && /^[\da-f]{4}$/i.test(digits) ? 5 : 0;
}

/** True for white space of JSON (RFC 8259 §2). */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
