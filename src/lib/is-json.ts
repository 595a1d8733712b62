// Checks JSON in its bytes, without building anything of it: of a large document that is only passed on, the values would
// take several times its memory.
import { afterText, isBlank } from "./json-text";

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LOWER_E = 0x65;
/** A letter's bit by which cases differ. */
const LOWER = 0x20;
/** Literals by their first letters. */
const LITERALS = { 0x66: "false", 0x6e: "null", 0x74: "true" };

/** What each place takes, and what follows that. Of the parts, `1` stands for numbers and literals. */
type Rules = Readonly<Record<string, string>>;
const VALUE = { '"': "after", 1: "after", "[": "list", "{": "object" };
const RULES: Readonly<Record<string, Rules>> = {
  value: VALUE,
  list: { ...VALUE, "]": "after" },
  object: { '"': "colon", "}": "after" },
  name: { '"': "colon" },
  colon: { ":": "value" },
  "after list": { ",": "value", "]": "after" },
  "after object": { ",": "name", "}": "after" },
  "after undefined": {},
};
const PARTS = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return '"[]{},:'.includes(character) ? character : "1";
}).join("");

/** True for a document in UTF-8 (RFC 8259), after a byte order mark if there is one. Its depth is not bounded here. */
export function isJson(bytes: Uint8Array): boolean {
  const open: string[] = [];
  let place = "value";
  let at = startOf(bytes);
  while ((at = afterBlanks(bytes, at)) < bytes.length) {
    const part = PARTS.charAt(bytes[at] ?? 0);
    const next = RULES[place]?.[part] ?? "nowhere";
    at = afterPart(bytes, at, part);
    if (at < 0) return false;
    if (part === "[" || part === "{") open.push(next);
    if (part === "]" || part === "}") open.pop();
    place = next === "after" ? `after ${open.at(-1)}` : next;
  }
  return place === "after undefined";
}

/** The place after a byte order mark. */
function startOf([first, second, third]: Uint8Array): number {
  return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
}

function afterPart(bytes: Uint8Array, at: number, part: string): number {
  if (part === '"') return afterText(bytes, at);
  return part === "1" ? afterScalar(bytes, at) : at + 1;
}

function afterBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

/** The place after a number or literal; -1 if there is none. */
function afterScalar(bytes: Uint8Array, start: number): number {
  const byte = bytes[start] ?? 0;
  if (!(byte in LITERALS)) return afterNumber(bytes, start);
  const literal = LITERALS[byte as keyof typeof LITERALS];
  for (let at = 0; at < literal.length; at += 1)
    if (bytes[start + at] !== literal.charCodeAt(at)) return -1;
  return start + literal.length;
}

function afterNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  at = bytes[at] === ZERO ? at + 1 : afterDigits(bytes, at);
  if (bytes[at] === POINT) at = afterDigits(bytes, at + 1);
  if (at < 0 || ((bytes[at] ?? 0) | LOWER) !== LOWER_E) return at;
  const isSigned = bytes[at + 1] === PLUS || bytes[at + 1] === MINUS;
  return afterDigits(bytes, at + (isSigned ? 2 : 1));
}

/** The place after at least one digit; -1 if there is none. */
function afterDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  // Any other byte is none of ten above zero.
  while (((bytes[at] ?? 0) - ZERO) >>> 0 < 10) at += 1;
  return at === start ? -1 : at;
}
