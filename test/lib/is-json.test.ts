import * as fc from "fast-check";
import { describe, it } from "vitest";
import { isJson } from "../../src/lib/is-json";

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What stands in JSON, and what looks like it. */
const part = fc.constantFrom(
  ...'[ ] { } , : 1 0 - . e E + true fals null "a" " \\ \\u00e9 \\u00 \n \t é \ufeff \u0000 []{}:'.split(
    " ",
  ),
  " ",
);

describe("isJson", () => {
  it("takes what JSON.parse takes, and nothing else", ({ expect }) => {
    const texts = fc.oneof(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join("")),
      fc.tuple(fc.json(), fc.nat(), part).map(([json, at, other]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + other + json.slice(place + 1);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(isJson(bytesOf(text)), text).toBe(isParsed(text));
      }),
      { numRuns: 5000 },
    );
  });
});
