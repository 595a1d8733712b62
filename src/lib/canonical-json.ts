// JSON that can be compared and digested as text.
import { JsonList } from "./json-list";

/**
 * A JSON value as text, the same for equal values whatever the order of their members. Undefined members are
 * left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value) || value instanceof JsonList)
    return `[${Array.from(value, canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
