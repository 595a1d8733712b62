// Regular expressions in RE2's syntax and time.
import { describe, it } from "vitest";
import { oneOutput, outputOf, refusalOf, run } from "./run-operation";

const match = (pattern: string, text: string, flags = "") =>
  oneOutput({ name: "regex_match", pattern, flags }, text);
const extract = (pattern: string, text: string, flags = "") =>
  oneOutput({ name: "regex_extract", pattern, flags }, text);
const replace = (pattern: string, text: string, replacement: string) =>
  oneOutput({ name: "regex_replace", pattern, replacement }, text);

describe("RE2's syntax", () => {
  it.for<[string, string, boolean]>([
    ["^a.c$", "abc", true],
    ["a|b", "xbx", true],
    ["[[:alpha:]]+", "123", false],
    ["\\pL+", "é", true],
    ["\\p{Greek}", "λ", true],
    ["(?i)straße", "STRAßE", true],
    ["(?s)a.b", "a\nb", true],
    ["a.b", "a\nb", false],
    ["\\Qa.b\\E", "a.b", true],
    ["x{2,3}", "xx", true],
    ["\\bword\\b", "a word.", true],
    ["^$", "", true],
    ["😀.", "😀😎", true],
  ])("%s against %j: %s", async ([pattern, text, isFound], { expect }) => {
    expect(await match(pattern, text)).toBe(isFound);
  });

  it("has flags for case, lines and dots", async ({ expect }) => {
    expect(await match("^B$", "a\nb", "im")).toBe(true);
    expect(await match("a.b", "a\nb", "s")).toBe(true);
  });

  it.for(["(", "a**", "[z-a]", "(?=a)", "(a)\\1", "a{1001}", "\\8", "(?P<n>a)(?P<n>b)", "*"])(
    "refuses %s",
    async (pattern, { expect }) => {
      await expect(run({ name: "regex_match", pattern }, ["a"])).rejects.toThrow("Not RE2");
    },
  );

  it("refuses what compiles to too much", async ({ expect }) => {
    const pattern = "(?:a{1,30}){1,30}".repeat(20);
    await expect(run({ name: "regex_match", pattern }, ["a"])).rejects.toThrow(/instructions|RE2/);
  });
});

describe("matches", () => {
  it("are texts, a group, groups, or objects of named groups", async ({ expect }) => {
    expect(await extract("\\d+", "1 and 22")).toEqual(["1", "22"]);
    expect(await extract("(\\w)=\\d", "a=1 b=2")).toEqual(["a", "b"]);
    expect(await extract("(\\w)=(\\d)?", "a=1 b=")).toEqual([
      ["a", "1"],
      ["b", null],
    ]);
    expect(await extract("(?P<k>\\w)=(?<v>\\d)", "a=1")).toEqual([{ k: "a", v: "1" }]);
    expect(await extract("x*", "axb")).toEqual(["", "x", "", ""]);
    expect(await extract("none", "text")).toEqual([]);
  });

  it("are replaced, with references to groups", async ({ expect }) => {
    expect(await replace("(?P<first>\\w+) (\\w+)", "Ada Lovelace", "$2, ${first}")).toBe(
      "Lovelace, Ada",
    );
    expect(await replace("o", "foo", "[$&]")).toBe("f[o][o]");
    expect(await replace("\\d", "a1", "$$$0")).toBe("a$1");
    expect(await replace("a", "banana", "$7$x")).toBe("b$7$xn$7$xn$7$x");
    expect(await replace("(n)", "ban", "[$10][$01][$70]")).toBe("ba[n0][n][$70]");
    expect(await oneOutput({ name: "regex_replace", pattern: "\\s+" }, "a b\tc")).toBe("abc");
    expect(await replace("x*", "ab", "-")).toBe("-a-b-");
  });
});

describe("time", () => {
  it("is linear: a megabyte against (a+)+$", async ({ expect }) => {
    const text = `${"a".repeat(1_000_000)}b`;
    expect(await match("(a+)+$", text)).toBe(false);
    expect(
      await outputOf({ name: "regex_match", pattern: "(x+x+)+y" }, ["x".repeat(100_000)]),
    ).toEqual([false]);
  });

  it("is bounded where every match means to read the rest again", async ({ expect }) => {
    expect(await refusalOf({ name: "regex_extract", pattern: "a*?b|a" }, "a".repeat(500_000))).toBe(
      "too-large",
    );
    expect(
      await refusalOf(
        { name: "regex_replace", pattern: "a", replacement: "x".repeat(1_000) },
        "a".repeat(10_000),
      ),
    ).toBe("too-large");
  });
});
