import * as v from "valibot";
import { describe, it } from "vitest";
import { faultsOf, MAX_FAULTS } from "../../src/domain/errors";
import { strictObject } from "../../src/lib/strict-object";

describe.for([
  ["valibot's strict objects", v.strictObject],
  ["ours", strictObject],
] as const)("faults of %s", ([, objectOf]) => {
  const Person = objectOf({ name: v.string(), age: v.optional(v.number()) });
  const faults = (value: unknown, schema: v.GenericSchema = Person) =>
    faultsOf(v.safeParse(schema, value)).map(({ pointer, detail }) => `${pointer} ${detail}`);

  it("are none where a value fits", ({ expect }) => {
    expect(faults({ name: "Ada", age: 36 })).toEqual([]);
  });

  it("tell every unknown field, and every other fault beside them", ({ expect }) => {
    expect(faults({ x: 1, age: "old", y: 2, "a/b": 3 })).toEqual([
      "#/name Missing",
      '#/age Invalid type: Expected number but received "old"',
      "#/x Unknown field",
      "#/y Unknown field",
      "#/a~1b Unknown field",
    ]);
  });

  it.for(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "take %s for an unknown field like any other",
    (key, { expect }) => {
      const body: unknown = JSON.parse(`{"name":"Ada","${key}":1,"other":2}`);
      expect(faults(body)).toEqual([`#/${key} Unknown field`, "#/other Unknown field"]);
    },
  );

  it("say that anything else is no object, quoting nothing of it", ({ expect }) => {
    for (const value of [1, "text", null, true]) {
      expect(faults(value)).toEqual(["# Expected an object"]);
    }
  });

  it("stand where they are, however deep", ({ expect }) => {
    const Team = v.pipe(
      objectOf({ members: v.array(v.lazy(() => Person)) }),
      v.transform(({ members }) => members),
    );
    const value = { members: [{ name: "Ada" }, { name: "Bo", a: 1, b: 2 }], c: 3, d: 4 };
    expect(faults(value, Team)).toEqual([
      "#/members/1/a Unknown field",
      "#/members/1/b Unknown field",
      "#/c Unknown field",
      "#/d Unknown field",
    ]);
  });

  it("are one more than are listed, at most", ({ expect }) => {
    const fields = Array.from({ length: 5000 }, (_, index) => [`field${index}`, index]);
    expect(faults(Object.fromEntries(fields))).toHaveLength(MAX_FAULTS + 1);
    expect(faults(fields, v.array(Person))).toHaveLength(MAX_FAULTS + 1);
  });
});
