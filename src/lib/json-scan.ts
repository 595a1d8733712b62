// Scans JSON before it is parsed: one pass over the bytes measures how much a parser would build, and finds
// numbers that a double cannot hold. It does not check the syntax, which the parser does.
import { matches } from "./matches";

/** Limits for a JSON document. */
export interface JsonLimits {
  /** Levels of arrays and objects. */
  readonly maxDepth: number;
  /** Weight: one for each member or element, two for an array, four for an object. */
  readonly maxWeight: number;
}

/** Result of a scan. */
export interface JsonScan {
  /** The limit that is exceeded; null if none is. */
  readonly excess: "depth" | "weight" | null;
  /** Places of numbers that a double does not hold, in bytes from the start, at most MAX_INEXACT. */
  readonly inexact: readonly number[];
}

/** One more than a refusal lists, so that it can say that there are more. */
const MAX_INEXACT = 101;
/** Characters of the shortest number that a double cannot hold: `1e309`. */
const SHORTEST_INEXACT = 5;
/** Digits up to which every integer is exact. */
const SAFE_CHARACTERS = 15;
/** Exponent up to which no number overflows: doubles end at 1.8e308. */
const SAFE_EXPONENT = 307;

const ascii = new TextDecoder();

const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

/** Classes of bytes outside strings, by their role in a number. */
const STARTS_NUMBER = 1;
const IS_POINT = 2;
const IS_EXPONENT = 4;
const IS_SIGN = 8;
const numberParts = tableOf({
  "0123456789-": STARTS_NUMBER,
  ".": IS_POINT,
  eE: IS_EXPONENT,
  "+": IS_SIGN,
});

/** Change of the depth at each byte. */
const steps = tableOf({ "[{": 1, "]}": -1 });

/**
 * Weight of each byte. One unit is at most about 45 bytes of V8's heap: an object with one member of a unique
 * name takes 220 bytes, an array 60, a further member or element 45.
 */
const weights = tableOf({ "{": 4, "[": 2, ",:": 1 });

function tableOf(values: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256);
  for (const [characters, value] of Object.entries(values)) {
    for (const character of characters) table[character.charCodeAt(0)] = value;
  }
  return table;
}

/** A test for the number between two places: true if a double holds it as it is meant. */
type HoldsNumber = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Scans JSON text in UTF-8. Uses no recursion. */
export function scanJson(
  bytes: Uint8Array,
  { maxDepth, maxWeight }: JsonLimits,
  isHeld: HoldsNumber = isHeldRoughly,
): JsonScan {
  const inexact: number[] = [];
  const { length } = bytes;
  let depth = 0;
  let weight = 0;
  for (let at = 0; at < length;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = afterString(bytes, at);
    } else if (numberParts[byte] === STARTS_NUMBER) {
      const end = afterNumber(bytes, at);
      if (!isHeld(bytes, at, end) && inexact.length < MAX_INEXACT) inexact.push(at);
      at = end;
    } else {
      at += 1;
      depth += steps[byte] ?? 0;
      weight += weights[byte] ?? 0;
      if (depth > maxDepth) return { excess: "depth", inexact };
    }
  }
  return { excess: weight > maxWeight ? "weight" : null, inexact };
}

/** The place after the string whose opening quote is at `start`. */
export function afterString(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  for (let at = start + 1; at < length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return length;
}

/** The place after the number that begins at `start`. */
function afterNumber(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && numberParts[bytes[at] ?? 0] !== 0) at += 1;
  return at;
}

/**
 * True if a double holds the number as it is meant: an integer exactly, a fraction or a power of ten rounded.
 */
function isHeldRoughly(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < SHORTEST_INEXACT) return true;
  let parts = 0;
  for (let at = start; at < end; at += 1) parts |= numberParts[bytes[at] ?? 0] ?? 0;
  if ((parts & (IS_POINT | IS_EXPONENT)) === 0) {
    // Rounding begins beyond the last safe integer, and never yields a safe one, so the rounded value can be
    // compared.
    const isShort = end - start <= SAFE_CHARACTERS;
    return isShort || integerIn(bytes, start, end) <= Number.MAX_SAFE_INTEGER;
  }
  const isPower = (parts & IS_EXPONENT) !== 0;
  const magnitude = isPower ? magnitudeOf(bytes, start, end) : end - start;
  if (magnitude <= SAFE_EXPONENT) return true;
  return Number.isFinite(Number(ascii.decode(bytes.subarray(start, end))));
}

/** Matches texts that may hold a number beyond a double's precision; most do not, and need no scan. */
const LONG_NUMBER = /\d{16}|\d[eE]/;

/** True for JSON whose numbers are doubles, and its integers safe. */
export function isOfDoubles(json: string): boolean {
  if (!matches(LONG_NUMBER, json)) return true;
  const unlimited = { maxDepth: Infinity, maxWeight: Infinity };
  return scanJson(new TextEncoder().encode(json), unlimited).inexact.length === 0;
}

/** True if a double holds exactly the value of the number, with its sign; for `scanJson`. */
export function isHeldExactly(bytes: Uint8Array, start: number, end: number): boolean {
  const isShort = end - start <= SAFE_CHARACTERS;
  // Fifteen digits are always exact. An exponent may overflow, and a zero may have a sign.
  const isSignedZero = bytes[start] === MINUS && bytes[start + 1] === ZERO;
  if (isShort && !isSignedZero && !hasExponent(bytes, start, end)) return true;
  return isExactSource(ascii.decode(bytes.subarray(start, end)));
}

function hasExponent(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (numberParts[bytes[at] ?? 0] === IS_EXPONENT) return true;
  }
  return false;
}

/** True if a double holds exactly the value that is written so. */
export function isExactSource(source: string): boolean {
  const value = Number(source);
  if (String(value) === source) return true;
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return decimalOf(source) === decimalOf(String(value));
}

const DECIMAL = /^(?<sign>-?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:e(?<exponent>[-+]?\d+))?$/i;

/** The one spelling of a decimal number: its digits without zeros at either end, and their power of ten. */
function decimalOf(source: string): string {
  const { sign, whole = "", fraction = "", exponent = "0" } = DECIMAL.exec(source)?.groups ?? {};
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}

/** The value of the digits of an integer, without its sign. */
function integerIn(bytes: Uint8Array, start: number, end: number): number {
  let integer = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit >= 0) integer = integer * 10 + digit;
  }
  return integer;
}

/** Digits before the decimal point, at most, of a number written out without its exponent. */
function magnitudeOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && numberParts[bytes[at] ?? 0] !== IS_EXPONENT) at += 1;
  const isFraction = bytes[at + 1] === MINUS;
  return at - start + (isFraction ? 0 : integerIn(bytes, at + 1, end));
}
