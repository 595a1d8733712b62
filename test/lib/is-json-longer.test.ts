import * as fc from "fast-check";
import { describe, it } from "vitest";
import { isJsonLonger } from "../../src/lib/is-json-longer";

describe("isJsonLonger", () => {
  it("never says so of what is not", ({ expect }) => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isJsonLonger(value, JSON.stringify(value).length)).toBe(false);
      }),
    );
  });

  it.for([{ of: [1] }, { of: [[]] }, { of: [[1, 2], {}] }, { of: [{ a: [1] }] }])(
    "never says so $of",
    ({ of }, { expect }) => {
      expect(isJsonLonger(of, JSON.stringify(of).length)).toBe(false);
    },
  );

  it.for([
    ["a text", "x".repeat(101)],
    ["a list", Array.from({ length: 101 }, () => 1)],
    ["lists in lists", [[[["x".repeat(100)]]]]],
    ["a key", { ["k".repeat(101)]: 1 }],
    ["texts in an object", { a: "x".repeat(50), b: "x".repeat(50) }],
  ] as const)("says so of %s", ([, value], { expect }) => {
    expect(isJsonLonger(value, 100)).toBe(true);
  });
});
