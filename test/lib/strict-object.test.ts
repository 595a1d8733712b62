import * as v from "valibot";
import { describe, it } from "vitest";
import { strictObject } from "../../src/lib/strict-object";

const Change = strictObject({ name: v.optional(v.string()) });

describe("strictObject", () => {
  it("takes what fits, and returns the named fields", ({ expect }) => {
    expect(v.parse(Change, { name: "Ada" })).toEqual({ name: "Ada" });
    expect(v.parse(Change, {})).toEqual({});
  });

  it.for([{ age: 36 }, 1, "text", null, true])("refuses %j", (value, { expect }) => {
    expect(v.is(Change, value)).toBe(false);
  });

  it("takes no list for an object, not even where every field may be left out", ({ expect }) => {
    expect(v.is(Change, [])).toBe(false);
    expect(v.is(Change, ["x"])).toBe(false);
  });
});
