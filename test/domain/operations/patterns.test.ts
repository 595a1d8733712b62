// Regular expressions in RE2's syntax and time.
import { RE2JS } from "re2js";
import { describe, it, vi } from "vitest";
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

  it.for([
    "(?:a{1,30}){1,30}".repeat(20),
    "\\pL{1000}".repeat(110),
    "(?:[^\\]a]|bc){1000}(?:\\Qcdgh\\E(?P<n>e)f?){0,1000}",
  ])("refuses %s, which compiles to too much, before that", async (pattern, { expect }) => {
    const compiled = vi.spyOn(RE2JS, "compile");
    try {
      const matched = run({ name: "regex_match", pattern }, ["a"]);
      await expect(matched).rejects.toThrow(/^Compiles to \d+ instructions, over 3000$/);
      expect(compiled).not.toHaveBeenCalled();
    } finally {
      compiled.mockRestore();
    }
  });

  it.for([
    "(?:a|b|c|d|e|f){1000}",
    "(?:[[:alpha:]]{4}){249}",
    "(?:a{9}){0}\\Qa{9}\\E",
    "[]{9}]{1000}",
  ])("takes %s, which compiles to less than it seems to", async (pattern, { expect }) => {
    expect(await match(pattern, "none")).toBe(false);
  });

  it("takes patterns of a schema that are small together", async ({ expect }) => {
    const schema = (count: number) => ({
      anyOf: Array.from({ length: count }, (_, at) => ({ pattern: `${at}\\pL{700}` })),
    });
    const validate = (count: number) =>
      oneOutput({ name: "validate", as: "schema", schema: schema(count) }, "x");
    expect(await validate(4)).toMatchObject({ valid: false });
    await expect(validate(5)).rejects.toThrow(/^A pattern: Compiles to \d+ instructions/);
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
