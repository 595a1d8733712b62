// Checks JSON in its bytes, without building anything of it: of a large document that is only passed on, the values would
// take several times its memory, and V8 keeps for long a text that its parser has refused.
import { afterText, isBlank } from "./json-text";

const ZERO = 0x30;
/** A number or literal, but for the numbers that are digits alone. */
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;
/** Keeps a byte order mark, which no number begins with. */
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Parts that each place takes, with the place after each; `1` stands for numbers and literals. */
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

/** True for a document in UTF-8 (RFC 8259) without a byte order mark. Its depth is not bounded here. */
export function isJson(bytes: Uint8Array): boolean {
  const open: string[] = [];
  let place = "value";
  let at = 0;
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
  let at = start;
  let areDigits = bytes[start] !== ZERO;
  for (; at < bytes.length && !isBlank(bytes[at]); at += 1) {
    const byte = bytes[at] ?? 0;
    if (PARTS.charAt(byte) !== "1") break;
    areDigits &&= byte >= ZERO && byte < ZERO + 10;
  }
  return areDigits || SCALAR.test(utf8.decode(bytes.subarray(start, at))) ? at : -1;
}
