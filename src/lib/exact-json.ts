// JSON whose numbers are passed on exactly, also those that a double cannot hold.
import { isExactSource, isHeldExactly, scanJson } from "./json-scan";
import { matches } from "./matches";

/** A number as its source text, which `JSON.stringify` writes as it stands (ECMA-262, JSON.rawJSON). */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** The parts of JSON that the types do not list yet. */
const exact = JSON as unknown as {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
};

/** True for a number that was kept as its source. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return exact.isRawJSON(value);
}

/**
 * Parses JSON. Numbers that a double cannot hold become an `ExactNumber`. Seeing the sources takes twenty
 * times as long as a plain parse: scan for such numbers first (`isHeldExactly`).
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  return exact.parse(text, (_, value, { source }) =>
    typeof value === "number" && source !== undefined && !isExactSource(source)
      ? exact.rawJSON(source)
      : value,
  );
}

/** Matches what every number has in it that a double cannot hold, and some other texts. */
const SUSPICIOUS = /[\d.]{16}|\d[eE][-+]?\d|-0/;

/** False for JSON all of whose numbers a double holds; costs less than a scan. */
export function mayBeInexact(text: string): boolean {
  return matches(SUSPICIOUS, text);
}

/** Parses JSON that is known to be small or our own; numbers are exact. @throws SyntaxError */
export function readExactJson(text: string): unknown {
  if (!mayBeInexact(text)) return JSON.parse(text);
  const everything = { maxDepth: Infinity, maxWeight: Infinity };
  const { inexact } = scanJson(new TextEncoder().encode(text), everything, isHeldExactly);
  return inexact.length > 0 ? parseExactJson(text) : JSON.parse(text);
}

/**
 * The same value for code that knows doubles alone, such as queries: of the numbers that were kept as their
 * source, a longer integer becomes its digits as a text, as does what no double comes near, and any other is
 * rounded.
 */
export function withDoubles(value: unknown): unknown {
  if (isExactNumber(value)) return toDouble(value.rawJSON);
  if (Array.isArray(value)) return value.map(withDoubles);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withDoubles(part)]));
}

function toDouble(source: string): number | string {
  const number = Number(source);
  const isLongInteger = /^-?\d+$/.test(source) && !Number.isSafeInteger(number);
  return isLongInteger || !Number.isFinite(number) ? source : number;
}
