import * as fc from "fast-check";
import { it } from "vitest";
import { jsonPieces } from "../../src/lib/json-pieces";

const units = fc.constantFrom("a", '"', "\n", "\u0436", "\ud83d", "\ude00", "\u{1f600}");

it("jsonPieces writes as JSON.stringify does, long texts in pieces too", ({ expect }) => {
  fc.assert(
    fc.property(fc.array(units, { minLength: 1, maxLength: 7 }), fc.nat(3), (parts, shape) => {
      const text = parts.join("").repeat(20_000);
      const value = [text, [1, text, null], { a: text, b: [text], c: undefined }, { a: 1 }][shape];
      expect([...jsonPieces(value)].join("") === JSON.stringify(value)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
