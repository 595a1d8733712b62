import * as fc from "fast-check";
import { it } from "vitest";
import { isWithinBytes } from "../../src/lib/is-within-bytes";

it("isWithinBytes counts as the encoder does", ({ expect }) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, maxBytes) => {
      const bytes = new TextEncoder().encode(text).length;
      expect(isWithinBytes(text, maxBytes)).toBe(bytes <= maxBytes);
      expect([isWithinBytes(text, bytes), isWithinBytes(text, bytes - 1)]).toEqual([true, false]);
    }),
  );
});
