import { describe, it } from "vitest";
import {
  etagOf,
  isNotModified,
  requireConditions,
  TAGS_PATTERN,
  versionConditions,
} from "../../src/http/etag";

const MALFORMED = ["3", "'3'", '"3', '"3" "4"', ",", "W/3", "", '*, "3"'];

function ifMatch(field?: string) {
  return new Headers(field === undefined ? {} : { "If-Match": field });
}

function ifNoneMatch(field?: string) {
  return new Headers(field === undefined ? {} : { "If-None-Match": field });
}

describe("the conditions of a change", () => {
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
  ] as const)("are the versions in If-Match: %j", ([field, versions], { expect }) => {
    expect(versionConditions(ifMatch(field))).toEqual({ versions, exceptVersions: [] });
  });

  it.for([
    [undefined, []],
    ["*", null],
    ['"3", W/"4-abc"', [3, 4]],
  ] as const)("and those in If-None-Match: %j", ([field, exceptVersions], { expect }) => {
    expect(versionConditions(ifNoneMatch(field))).toEqual({ versions: null, exceptVersions });
  });

  // RFC 9110 §8.8.3.2: tags are equal character by character, not as numbers.
  it.for(['"01"', '"0x1"', '"1e0"', '"1.0"', '" 1 "', '"+1"', '"abc"', '""'])(
    "find no version 1 in %j",
    (field, { expect }) => {
      expect(versionConditions(ifMatch(field)).versions).not.toContain(1);
      expect(versionConditions(ifNoneMatch(field)).exceptVersions).not.toContain(1);
    },
  );

  it.for(MALFORMED)("are refused where they cannot be read: %j", (field, { expect }) => {
    expect(() => versionConditions(ifMatch(field))).toThrow("If-Match is not a list");
    expect(() => versionConditions(ifNoneMatch(field))).toThrow("If-None-Match is not a list");
    expect(() => isNotModified(ifMatch(field), { etag: '"3"' })).toThrow(/entity tags/);
    expect(() => isNotModified(ifNoneMatch(field), { etag: '"3"' })).toThrow(/entity tags/);
    expect(new RegExp(TAGS_PATTERN, "u").test(field)).toBe(false);
  });
});

describe("reading", () => {
  it.for([
    [undefined, false],
    ['"3"', true],
    ['W/"3"', true],
    ['"1", "3"', true],
    ["*", true],
    ['"4"', false],
    ['"33"', false],
  ] as const)(
    "with If-None-Match: %j and version 3 is not modified: %j",
    ([field, expected], { expect }) => {
      expect(isNotModified(ifNoneMatch(field), { etag: etagOf(3), version: 3 })).toBe(expected);
    },
  );

  it("with If-Match is refused where the version is another", ({ expect }) => {
    const current = { etag: etagOf(3, "abc"), version: 3 };
    for (const field of ["*", '"3"', 'W/"3"', '"3-abc"', '"3-def"', '"1", "3"'])
      expect(isNotModified(ifMatch(field), current)).toBe(false);
    for (const field of ['"9"', '"03"', '"3 "', '"1", "2"'])
      expect(() => isNotModified(ifMatch(field), current)).toThrow(/has changed since/);
  });

  it("compares whole tags where there is no version", ({ expect }) => {
    const current = { etag: etagOf("running-1-2") };
    expect(isNotModified(ifMatch('"running-1-2"'), current)).toBe(false);
    expect(() => isNotModified(ifMatch('"running-1-3"'), current)).toThrow(/has changed since/);
    expect(isNotModified(ifNoneMatch('W/"running-1-2"'), { etag: 'W/"running-1-2"' })).toBe(true);
  });

  it("knows a task of another state by its tag alone", ({ expect }) => {
    const current = { etag: etagOf(3, "abc"), version: 3 };
    expect(isNotModified(ifNoneMatch('"3-abc"'), current)).toBe(true);
    expect(isNotModified(ifNoneMatch('"3-def"'), current)).toBe(false);
  });

  it("judges If-Match before If-None-Match", ({ expect }) => {
    const headers = new Headers({ "If-Match": '"9"', "If-None-Match": '"3"' });
    expect(() => isNotModified(headers, { etag: '"3"', version: 3 })).toThrow(/changed since/);
  });
});

it("A change is refused where If-None-Match names what is there", ({ expect }) => {
  expect(() => requireConditions(ifNoneMatch("*"), { etag: '"a"' })).toThrow(/names what is there/);
  expect(() => requireConditions(ifNoneMatch('"a"'), { etag: '"a"' })).toThrow(/names what/);
  expect(() => requireConditions(ifNoneMatch('"b"'), { etag: '"a"' })).not.toThrow();
});
