// Strict objects whose faults are told all at once: valibot's own stops at the first unknown field.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** An object schema that refuses every field it does not name, with a fault for each of them. */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, typeof describeIssue> {
  const schema = v.strictObject(entries, describeIssue);
  return withParser(schema, (input, own) => {
    // To valibot an array is an object with no fields of ours; to JSON it is none.
    if (Array.isArray(input)) return own(null);
    const result = own(input);
    if (typeof input !== "object" || input === null || result.issues === undefined) return result;
    const first = result.issues.find(({ expected }) => expected === "never");
    const unknown = Object.keys(input).filter((key) => !Object.hasOwn(entries, key));
    if (first !== undefined) result.issues.push(...likeFirst(first, unknown.slice(1, MAX_UNKNOWN)));
    return result;
  });
}

/** Nobody reads further than a hundred, and a body can hold a hundred thousand. */
const MAX_UNKNOWN = 101;

/** The faults that valibot leaves out after the first. */
function likeFirst(first: v.BaseIssue<unknown>, keys: readonly string[]): v.BaseIssue<unknown>[] {
  return keys.map((key) => ({
    ...first,
    path: [{ type: "object", origin: "key", input: {}, key, value: undefined }],
  }));
}

function describeIssue({ expected, received }: v.StrictObjectIssue): string {
  if (expected === "never") return "Unknown field";
  return received === "undefined" ? "Missing" : "Expected an object";
}
