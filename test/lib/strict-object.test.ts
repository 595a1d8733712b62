import * as v from "valibot";
import { describe, it } from "vitest";
import { strictObject } from "../../src/lib/strict-object";

const Person = strictObject({ name: v.string(), age: v.optional(v.number()) });

/** The faults of a value, as `path: message`. */
function faults(value: unknown, schema: v.GenericSchema = Person): string[] {
  const { issues = [] } = v.safeParse(schema, value);
  return issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).sort();
}

describe("strictObject", () => {
  it("takes what fits, and returns the named fields", ({ expect }) => {
    expect(v.parse(Person, { name: "Ada", age: 36 })).toEqual({ name: "Ada", age: 36 });
    expect(v.parse(Person, { name: "Ada" })).toEqual({ name: "Ada" });
  });

  it("tells every unknown field, and every other fault beside them", ({ expect }) => {
    expect(faults({ x: 1, y: 2, z: 3 })).toEqual([
      "name: Missing",
      "x: Unknown field",
      "y: Unknown field",
      "z: Unknown field",
    ]);
  });

  it.for(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes %s for an unknown field like any other",
    (key, { expect }) => {
      const body: unknown = JSON.parse(`{"name":"Ada","${key}":1}`);
      expect(faults(body)).toEqual([`${key}: Unknown field`]);
    },
  );

  it("says that anything else is no object, quoting nothing of it", ({ expect }) => {
    for (const value of [1, "text", null, true]) {
      expect(faults(value)).toEqual(["null: Expected an object"]);
    }
  });

  it("takes no list for an object, not even where every field may be left out", ({ expect }) => {
    const Change = strictObject({ name: v.optional(v.string()) });
    expect(faults([], Change)).toHaveLength(1);
    expect(faults(["x"], Change)).toHaveLength(1);
  });

  it("tells faults of nested objects under their path", ({ expect }) => {
    const Team = strictObject({ members: v.array(Person) });
    expect(faults({ members: [{ name: "Ada", a: 1, b: 2 }] }, Team)).toEqual([
      "members.0.a: Unknown field",
      "members.0.b: Unknown field",
    ]);
  });
});
