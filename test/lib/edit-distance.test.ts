import * as fc from "fast-check";
import { describe, it } from "vitest";
import { editDistance } from "../../src/lib/edit-distance";

const WORD = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });

describe("editDistance", () => {
  it.for([
    ["gmail", "gmail", 0],
    ["gmial", "gmail", 1],
    ["gmal", "gmail", 1],
    ["gmaill", "gmail", 1],
    ["gnail", "gmail", 1],
    ["hotmial", "hotmail", 1],
    ["ca", "abc", 3],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
  ] as const)("from %s to %s is %i", ([from, to, distance], { expect }) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it("is the same both ways, zero only for equals, and at most the longer word", ({ expect }) => {
    fc.assert(
      fc.property(WORD, WORD, (from, to) => {
        const distance = editDistance(from, to);
        expect(distance).toBe(editDistance(to, from));
        expect(distance === 0).toBe(from === to);
        expect(distance).toBeLessThanOrEqual(Math.max(from.length, to.length));
      }),
    );
  });

  it("is told up to a bound, and is Infinity beyond it", ({ expect }) => {
    fc.assert(
      fc.property(WORD, WORD, fc.nat(4), (from, to, most) => {
        const distance = editDistance(from, to);
        expect(editDistance(from, to, most)).toBe(distance > most ? Infinity : distance);
      }),
    );
  });

  it("is one for any two neighbours swapped", ({ expect }) => {
    fc.assert(
      fc.property(WORD, WORD, (before, after) => {
        expect(editDistance(`${before}xy${after}`, `${before}yx${after}`)).toBe(1);
      }),
    );
  });
});
