import * as fc from "fast-check";
import { describe, it } from "vitest";
import { graphemes } from "../../../src/domain/operations/graphemes";
import { oneOutput } from "./run-operation";

const anyText = fc.string({ unit: "grapheme", maxLength: 40 });

describe("truncate", () => {
  it("never makes more graphemes than asked for, and leaves short texts alone", async ({
    expect,
  }) => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.integer({ min: 0, max: 40 }), async (text, length) => {
        const cut = String(await oneOutput({ name: "truncate", length }, text));
        if (graphemes(text).length <= length) expect(cut).toBe(text);
        else
          expect(cut).toBe(
            length === 0
              ? ""
              : `${graphemes(text)
                  .slice(0, length - 1)
                  .join("")}…`,
          );
      }),
    );
  });

  it("cuts the ellipsis itself when there is no room", async ({ expect }) => {
    expect(await oneOutput({ name: "truncate", length: 2, ellipsis: "..." }, "abcdef")).toBe("..");
    expect(await oneOutput({ name: "truncate", length: 3, ellipsis: "" }, "👩‍👩‍👧bcdef")).toBe("👩‍👩‍👧bc");
  });
});

describe("pad", () => {
  it("fills up to the length in graphemes, at the side asked for", async ({ expect }) => {
    expect(await oneOutput({ name: "pad", length: 4, with: "👍🏽", side: "start" }, "é")).toBe(
      "👍🏽👍🏽👍🏽é",
    );
    expect(await oneOutput({ name: "pad", length: 6, with: "ab", side: "both" }, "x")).toBe(
      "abxaba",
    );
    expect(await oneOutput({ name: "pad", length: 3 }, "abcd")).toBe("abcd");
  });

  it("keeps the text at its side", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.integer({ min: 0, max: 60 }), async (text, length) => {
        const padded = String(await oneOutput({ name: "pad", length, with: "-" }, text));
        expect(padded.startsWith(text)).toBe(true);
        expect(padded.length).toBeGreaterThanOrEqual(Math.min(length, padded.length));
        expect(graphemes(padded).length).toBe(Math.max(length, graphemes(text).length));
      }),
    );
  });
});

describe("replace", () => {
  it("takes its search for a literal text, and its replacement too", async ({ expect }) => {
    expect(await oneOutput({ name: "replace", search: ".*", replacement: "$&" }, "a.*b.*")).toBe(
      "a$&b$&",
    );
    expect(await oneOutput({ name: "replace", search: "aa" }, "aaaaa")).toBe("a");
  });
});

describe("split", () => {
  it("and join with the same separator give the text back", async ({ expect }) => {
    const separator = fc.constantFrom(",", "ab", "--", "");
    await fc.assert(
      fc.asyncProperty(
        anyText,
        separator,
        fc.option(fc.integer({ min: 1, max: 9 })),
        async (text, by, limit) => {
          const operation = { name: "split", separator: by, ...(limit === null ? {} : { limit }) };
          const parts = (await oneOutput(operation, text)) as string[];
          expect(parts.join(by)).toBe(text);
          expect(parts.length).toBeLessThanOrEqual(limit ?? Infinity);
        },
      ),
    );
  });

  it("by nothing splits by grapheme", async ({ expect }) => {
    expect(await oneOutput({ name: "split", separator: "" }, "é👩‍👩‍👧")).toEqual(["é", "👩‍👩‍👧"]);
  });
});
