import * as fc from "fast-check";
import { describe, it } from "vitest";
import { jsonPointer } from "../../src/lib/json-pointer";

describe("jsonPointer", () => {
  it.for([
    [[], "#"],
    [["items", 3, "email"], "#/items/3/email"],
    [[""], "#/"],
    [["a/b"], "#/a~1b"],
    [["m~n"], "#/m~0n"],
    [["~1"], "#/~01"],
    [["c%d", "e^f", 'k"l', " "], "#/c%25d/e%5Ef/k%22l/%20"],
    [["é"], "#/%C3%A9"],
    [["\ud800"], "#/%EF%BF%BD"],
  ] as const)("of %j is %s", ([path, pointer], { expect }) => {
    expect(jsonPointer(path)).toBe(pointer);
  });

  it("reads back as the path, by RFC 6901 §4", ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (path) => {
        const tokens = jsonPointer(path).slice(1).split("/").slice(1);
        const read = tokens.map((token) =>
          decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~"),
        );
        expect(read).toEqual(path);
      }),
      { numRuns: 30 },
    );
  });
});
