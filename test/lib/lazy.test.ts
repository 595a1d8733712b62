import { describe, it } from "vitest";
import { lazy, lazyPattern } from "../../src/lib/lazy";

describe("lazy", () => {
  it("makes its value at the first call, and once", ({ expect }) => {
    let made = 0;
    const value = lazy(() => {
      made += 1;
      return undefined;
    });
    expect(made).toBe(0);
    expect([value(), value()]).toEqual([undefined, undefined]);
    expect(made).toBe(1);
  });

  it("tries again where making it failed", ({ expect }) => {
    let isBroken = true;
    const value = lazy(() => {
      if (isBroken) throw new Error("not yet");
      return "made";
    });
    expect(value).toThrow("not yet");
    isBroken = false;
    expect(value()).toBe("made");
  });
});

it("lazyPattern is the expression of a literal", ({ expect }) => {
  const pattern = lazyPattern(String.raw`^\p{Lu}+$`, "u");
  expect(pattern().test("ÄÖ")).toBe(true);
  expect(pattern().test("äö")).toBe(false);
  expect(pattern()).toBe(pattern());
});
