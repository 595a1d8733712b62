import * as fc from "fast-check";
import * as v from "valibot";
import { it } from "vitest";
import { jsonObject } from "../../src/lib/json-object";

const schema = jsonObject(10);

it("keeps every member of every object", ({ expect }) => {
  const json = fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue());
  fc.assert(
    fc.property(json, (value) => {
      expect(v.parse(schema, value)).toEqual(value);
    }),
  );
  for (const name of ["constructor", "prototype", "__proto__", "toString"]) {
    const text = `{"${name}":{"a":1}}`;
    expect(JSON.stringify(v.parse(schema, JSON.parse(text)))).toBe(text);
  }
  expect({}).not.toHaveProperty("a");
});

it.for([[[]], [[1]], [null], ["text"], [1], [undefined]])("refuses %j", ([value], { expect }) => {
  expect(v.safeParse(schema, value).issues).toMatchObject([{ message: "Expected an object" }]);
});

it("refuses a name that is too long, and says where", ({ expect }) => {
  const { issues } = v.safeParse(schema, { "longer than 10": 1, ok: 2, "also too long": 3 });
  expect(issues?.map(({ path }) => path?.[0].key)).toEqual(["longer than 10", "also too long"]);
});
