// What operations need to know about JSON values: their size, their identity, their order.
import { ItemError } from "./errors";
import { MAX_ITEM_DEPTH } from "./limits";

/** Characters of a number or another small value, written as JSON (about). */
const SCALAR_CHARS = 12;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Characters of a value written as JSON (about); throws `too-large` when it is nested too deeply. */
export function jsonChars(value: unknown, depth = 0): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return SCALAR_CHARS;
  if (depth >= MAX_ITEM_DEPTH) {
    throw new ItemError("too-large", `Nested deeper than ${MAX_ITEM_DEPTH} levels`);
  }
  let chars = 2;
  if (Array.isArray(value)) {
    for (const item of value) chars += jsonChars(item, depth + 1) + 1;
    return chars;
  }
  for (const [key, item] of Object.entries(value)) {
    chars += key.length + 4 + jsonChars(item, depth + 1);
  }
  return chars;
}

/** One text for all equal JSON values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}

const TYPE_ORDER = ["null", "boolean", "number", "string", "object"];
const typeRank = (value: unknown) => TYPE_ORDER.indexOf(value === null ? "null" : typeof value);

/** A total order of JSON values: null, false, true, numbers, texts (by the collator), then the rest as JSON. */
export function compareValues(left: unknown, right: unknown, collator: Intl.Collator): number {
  const byType = typeRank(left) - typeRank(right);
  if (byType !== 0) return byType;
  if (typeof left === "string" && typeof right === "string") return collator.compare(left, right);
  if (typeof left === "object") {
    return left === null ? 0 : compareTexts(canonicalJson(left), canonicalJson(right));
  }
  return Number(left) - Number(right);
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
