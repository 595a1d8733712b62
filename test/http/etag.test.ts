import { describe, it } from "vitest";
import { etagOf, isNotModified, parseIfMatch } from "../../src/http/etag";

describe("If-Match", () => {
  it.for([
    [undefined, null],
    ["*", null],
    [" * ", null],
    ['"3"', [3]],
    ['"3", "4"', [3, 4]],
    ['W/"3"', [3]],
    ['"3",', [3]],
    ['"x",,"14"', [Number.NaN, 14]],
    ['"a,b"', [Number.NaN]],
    ['"3-0123456789abcdef"', [3]],
  ] as const)("reads %j", ([field, versions], { expect }) => {
    const headers = new Headers(field === undefined ? {} : { "If-Match": field });
    expect(parseIfMatch(headers)).toEqual(versions);
  });

  it.for(["3", "'3'", '"3', '"3" "4"', ",", "W/3", ""])("refuses %j", (field, { expect }) => {
    expect(() => parseIfMatch(new Headers({ "If-Match": field }))).toThrow(/entity tags/);
  });

  // RFC 9110 §8.8.3.2: tags are equal character by character, not as numbers.
  it.for(['"01"', '"0x1"', '"1e0"', '"1.0"', '" 1 "', '"+1"', '"abc"', '""'])(
    "finds no version 1 in %j",
    (field, { expect }) => {
      expect(parseIfMatch(new Headers({ "If-Match": field }))).not.toContain(1);
    },
  );
});

describe("If-None-Match", () => {
  it.for([
    ['"3"', true],
    ['W/"3"', true],
    ['"1", "3"', true],
    ["*", true],
    ['"4"', false],
    ["3", false],
    ['"33"', false],
  ] as const)("with %j and version 3 is %j", ([field, expected], { expect }) => {
    expect(isNotModified(new Headers({ "If-None-Match": field }), etagOf(3))).toBe(expected);
  });

  it("is not there", ({ expect }) => {
    expect(isNotModified(new Headers(), etagOf(3))).toBe(false);
  });
});
