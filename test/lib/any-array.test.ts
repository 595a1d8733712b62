// An array schema that walks nothing is still an array schema.
import * as v from "valibot";
import { describe, it } from "vitest";
import { anyArray } from "../../src/lib/any-array";

describe("anyArray", () => {
  it("takes any items as they are", ({ expect }) => {
    const items = [1, "a", null, undefined, { b: [2] }];
    expect(v.parse(anyArray(), items)).toEqual(items);
  });

  it("refuses what is no array", ({ expect }) => {
    for (const value of [null, undefined, "list", 3, {}, { length: 1 }]) {
      expect(v.is(anyArray(), value)).toBe(false);
    }
  });

  it("lets a pipe bound its length", ({ expect }) => {
    const Bounded = v.pipe(anyArray(), v.minLength(1), v.maxLength(2));
    expect([[], [1], [1, 2], [1, 2, 3]].map((list) => v.is(Bounded, list))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
