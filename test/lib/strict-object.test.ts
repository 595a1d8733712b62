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

  it("says what it got instead of an object", ({ expect }) => {
    for (const [value, received] of [
      [1, "1"],
      ["text", '"text"'],
      [null, "null"],
    ]) {
      expect(faults(value)).toEqual([`null: Expected an object but received ${received}`]);
    }
    expect(faults([]).length).toBeGreaterThan(0);
  });

  it("tells faults of nested objects under their path", ({ expect }) => {
    const Team = strictObject({ members: v.array(Person) });
    expect(faults({ members: [{ name: "Ada", a: 1, b: 2 }] }, Team)).toEqual([
      "members.0.a: Unknown field",
      "members.0.b: Unknown field",
    ]);
  });
});
