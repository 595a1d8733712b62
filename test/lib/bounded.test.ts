import { it } from "vitest";
import * as v from "valibot";
import { boundedArray } from "../../src/lib/bounded-array";
import { boundedRecord } from "../../src/lib/bounded-record";

/** A schema of texts that counts how many it was asked of, all of which it refuses. */
function countingSchema() {
  let checks = 0;
  const schema = v.pipe(
    v.string(),
    v.check(() => {
      checks += 1;
      return false;
    }),
  );
  return { schema, checks: () => checks };
}

it("boundedArray checks one item more than it allows, however many there are", ({ expect }) => {
  const { schema, checks } = countingSchema();
  const { success } = v.safeParse(boundedArray(schema, 3), Array(100_000).fill("a"));
  expect([success, checks()]).toEqual([false, 4]);
});

it("boundedArray takes 1 to max items, in order", ({ expect }) => {
  const schema = boundedArray(v.string(), 3);
  expect(v.parse(schema, ["a", "b", "c"])).toEqual(["a", "b", "c"]);
  for (const wrong of [[], ["a", "b", "c", "d"], [1], {}, null, "abc"])
    expect(v.is(schema, wrong)).toBe(false);
});

it("boundedRecord checks one entry more than it allows, however many there are", ({ expect }) => {
  const { schema, checks } = countingSchema();
  const entries = Array.from({ length: 50_000 }, (_, n) => [`k${n}`, "a"] as const);
  const { success } = v.safeParse(
    boundedRecord(v.string(), schema, 3),
    Object.fromEntries(entries),
  );
  expect([success, checks()]).toEqual([false, 4]);
});

it("boundedRecord takes up to max entries of texts", ({ expect }) => {
  const schema = boundedRecord(v.string(), v.string(), 2);
  expect(v.parse(schema, { a: "1", b: "2" })).toEqual({ a: "1", b: "2" });
  for (const wrong of [{ a: "1", b: "2", c: "3" }, ["1"], { a: 1 }, null])
    expect(v.is(schema, wrong)).toBe(false);
});
