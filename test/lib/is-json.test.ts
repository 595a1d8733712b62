import * as fc from "fast-check";
import { it } from "vitest";
import { isJson } from "../../src/lib/is-json";

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it("isJson tells JSON as the platform's parser does", ({ expect }) => {
  const parts = fc.constantFrom(
    ...'{ } [ ] , : " \\ a 0 1 -1 1. .5 1e 1e5 01 true nul null "a" "\\n" "\\u00e9" "\\u0" "\\x" \u00a0 \u0000 \n'.split(
      " ",
    ),
    " ",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (tokens) => {
      const text = tokens.join("");
      expect([text, isJson(text)]).toEqual([text, isParsed(text)]);
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom("", " ", ",", "]", '"'), (json, at, more) => {
      expect(isJson(json)).toBe(true);
      const cut =
        json.slice(0, at % (json.length + 1)) + more + json.slice((at % (json.length + 1)) + 1);
      expect([cut, isJson(cut)]).toEqual([cut, isParsed(cut)]);
    }),
    { numRuns: 2000 },
  );
});
