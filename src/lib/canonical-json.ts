// JSON that can be compared and digested as text.
import { JsonList } from "./json-list";
import { jsonPieces } from "./json-pieces";

/**
 * A JSON value as text, the same for equal values whatever the order of their members. Undefined members are
 * left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  // Written at once, a large value takes a fraction of the memory of its parts.
  if (isInOrder(value)) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = membersOf(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`,
  );
  return `{${members.join(",")}}`;
}

/** The same text in pieces, also for a value that holds a `JsonList`: of that, one element at a time. */
export function* canonicalPieces(value: unknown): Generator<string> {
  if (Array.isArray(value) || value instanceof JsonList) {
    yield "[";
    let before = "";
    for (const element of value) {
      yield before;
      yield* canonicalPieces(element);
      before = ",";
    }
    yield "]";
  } else if (typeof value === "object" && value !== null) {
    yield "{";
    let before = "";
    for (const [name, member] of membersOf(value)) {
      yield `${before}${JSON.stringify(name)}:`;
      yield* canonicalPieces(member);
      before = ",";
    }
    yield "}";
  } else if (typeof value === "string") yield* jsonPieces(value);
  else yield canonicalJson(value);
}

/** True if the members of all objects in a value are in order. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let last = "";
  for (const [name, member] of Object.entries(value)) {
    if (name < last || !isInOrder(member)) return false;
    last = name;
  }
  return true;
}

function membersOf(object: object): [name: string, member: unknown][] {
  return Object.entries(object)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
