// Strict objects whose faults are told all at once: valibot's own stops at the first unknown field.
import * as v from "valibot";

/** An object schema that refuses every field it does not name, with a fault for each of them. */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, typeof describeIssue> {
  const schema = v.strictObject(entries, describeIssue);
  return {
    ...schema,
    "~run"(dataset, config) {
      const input = dataset.value;
      // To valibot an array is an object with no fields of ours; to JSON it is none.
      if (Array.isArray(input)) return schema["~run"]({ value: null }, config);
      const result = schema["~run"](dataset, config);
      if (typeof input !== "object" || input === null || result.issues === undefined) return result;
      const unknown = Object.keys(input).filter((key) => !Object.hasOwn(entries, key));
      for (const key of unknown.slice(1)) addUnknown(result.issues, input, key);
      return result;
    },
  };
}

/** The faults of one kind, which valibot leaves out after the first. */
function addUnknown(issues: v.BaseIssue<unknown>[], input: object, key: string): void {
  const first = issues.find(({ expected }) => expected === "never");
  if (first === undefined) return;
  issues.push({
    ...first,
    received: JSON.stringify(key),
    path: [{ type: "object", origin: "key", input: { ...input }, key, value: undefined }],
  });
}

function describeIssue({ expected, received }: v.StrictObjectIssue): string {
  if (expected === "never") return "Unknown field";
  return received === "undefined" ? "Missing" : "Expected an object";
}
