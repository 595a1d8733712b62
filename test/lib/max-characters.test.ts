import * as v from "valibot";
import { describe, it } from "vitest";
import { maxCharacters } from "../../src/lib/max-characters";

const Three = v.pipe(v.string(), maxCharacters(3));

describe("maxCharacters", () => {
  it.for(["", "abc", "😀😀😀", "a😀b", "e\u0301x", "\ud800\ud800\ud800"])(
    "takes %j",
    (text, { expect }) => {
      expect(v.is(Three, text)).toBe(true);
    },
  );

  it.for(["abcd", "😀😀😀😀", "a😀bc", "x".repeat(1e6), "\ud800\ud800\ud800\ud800"])(
    "refuses more",
    (text, { expect }) => {
      expect(v.is(Three, text)).toBe(false);
    },
  );

  it("says so in the words that it is given", ({ expect }) => {
    const { issues } = v.safeParse(v.pipe(v.string(), maxCharacters(1, "too long")), "ab");
    expect(issues?.map(({ message }) => message)).toEqual(["too long"]);
  });

  it("tells its bound in the unit that is checked", ({ expect }) => {
    const { issues } = v.safeParse(Three, "😀😀😀😀");
    expect(issues?.map(({ message }) => message)).toEqual(["At most 3 characters"]);
  });
});
