// Size, identity and type of JSON values.
import { ItemError } from "./errors";
import { MAX_ITEM_DEPTH } from "./limits";

/** Characters of a number or another scalar as JSON (about). */
const SCALAR_CHARS = 12;

/** True for a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Characters of a value as JSON (about), with each level indented by `indent` spaces.
 *
 * @throws ItemError `too-large` if nested too deeply, `invalid-value` for a number that JSON cannot write:
 * 1e999 parses as infinity
 */
export function jsonChars(value: unknown, indent = 0, depth = 0): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) {
    if (value !== Infinity && value !== -Infinity) return SCALAR_CHARS;
    throw new ItemError("invalid-value", "A number is too large");
  }
  if (depth >= MAX_ITEM_DEPTH) {
    throw new ItemError("too-large", `Nested deeper than ${MAX_ITEM_DEPTH} levels`);
  }
  const margin = 1 + indent * (depth + 1);
  let chars = 2;
  if (Array.isArray(value)) {
    for (const item of value) chars += jsonChars(item, indent, depth + 1) + margin;
    return chars;
  }
  for (const [key, item] of Object.entries(value)) {
    chars += key.length + 3 + margin + jsonChars(item, indent, depth + 1);
  }
  return chars;
}

/** A text that is the same for all equal JSON values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}
