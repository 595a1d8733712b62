import * as v from "valibot";
import { describe, it } from "vitest";
import { Operations, type OperationSource, runAll } from "../../../src/domain/operations";
import { run, runOptions } from "./run-operation";
import { loadAllOperations } from "../../../src/domain/operations/registry";

await loadAllOperations();

const MEGABYTE = 1024 * 1024;

describe("what grows past its bound is an item error", () => {
  it.for<[string, OperationSource, unknown]>([
    [
      "an exploding replace",
      { name: "replace", search: "a", replacement: "x".repeat(1_000) },
      "a".repeat(MEGABYTE),
    ],
    [
      "escapes of escapes",
      ["json_stringify", "json_stringify", "json_stringify"],
      '"'.repeat(MEGABYTE / 2),
    ],
    ["escaped HTML", "html_escape", "<".repeat(MEGABYTE / 2)],
    ["an encoded text", "url_encode", "é".repeat(MEGABYTE / 2)],
    ["a normal form that expands", { name: "normalize", form: "NFKC" }, "\ufdfa".repeat(100_000)],
    [
      "a CSV table under a huge name",
      "csv_parse",
      `${"x".repeat(500_000)}\n${"1\n".repeat(100_000)}`,
    ],
    ["a text larger than a request", "trim", "x".repeat(MEGABYTE + 1)],
  ])("%s", async ([, operation, item], { expect }) => {
    expect(await run(operation, [item, "kept"])).toMatchObject({
      errors: [{ index: 0, code: "too-large" }],
    });
  });

  it("also by many small steps, for the items that come too late", async ({ expect }) => {
    const items = Array.from({ length: 5_000 }, () => "x");
    const outcome = await run({ name: "pad", length: 10_000 }, items);
    expect(outcome.errors.length).toBeGreaterThan(1_000);
    expect(outcome.errors[0]?.index).toBe(5_000 - outcome.errors.length);
    expect(
      outcome.errors.every(({ code, detail }) => code === "too-large" && detail.length < 100),
    ).toBe(true);
  });
});

it("a list that would be too long refuses the operation", async ({ expect }) => {
  const wide = Array.from({ length: 100_001 }, () => 0);
  await expect(run("flatten", [wide])).rejects.toThrow("at most 100000 entries");
});

it("a list of which too much would be refused refuses the operation", async ({ expect }) => {
  const wide = Array.from({ length: 100_000 }, () => 0);
  await expect(run(["flatten", "json_parse"], [wide])).rejects.toThrow("More than 10000 items");
  expect(await run(["json_parse"], wide.slice(0, 10_000))).toHaveProperty("errors.length", 10_000);
});

describe("the work of a request is bounded", () => {
  const TEN = Array.from({ length: 10 }, (_, n) => n);
  const texts = Array.from({ length: 1_000 }, () => "Héllo, world! ".repeat(70));
  const objects = Array.from({ length: 9_500 }, (_, n) => ({ n: (n * 7_919) % 9_500 }));

  it.for<[string, OperationSource, readonly unknown[]]>([
    [
      "graphemes",
      [{ name: "pad", length: 3_000, with: "é" }, ...TEN.slice(1).map(() => "reverse")],
      texts,
    ],
    ["words", TEN.map(() => "titlecase"), texts],
    ["digests", TEN.map(() => "sha512"), TEN.flatMap(() => texts)],
    ["keys of objects", TEN.map(() => "sort"), objects],
    [
      "queries",
      TEN.map(() => ({ name: "filter", expression: "[@, @]" })),
      TEN.flatMap(() => texts),
    ],
    [
      "fields",
      TEN.map(() => ({ name: "omit", fields: ["a"] })),
      [Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [n, n]))],
    ],
  ])("where it is %s", async ([, operation, items], { expect }) => {
    const operations = TEN.map(() => operation);
    const results = await runAll(v.parse(Operations, operations), items, runOptions);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", error: { code: "too-large" } });
    }
  });

  it("and enough for a few cheap steps over all that fits into it, ten times", async ({
    expect,
  }) => {
    const operation = [
      "trim",
      "lowercase",
      { name: "replace", search: "o" },
      "collapse_whitespace",
    ];
    for (const items of [texts, TEN.flatMap(() => texts.map(() => "x"))]) {
      const results = await runAll(
        v.parse(
          Operations,
          TEN.map(() => operation),
        ),
        items,
        runOptions,
      );
      for (const result of results)
        expect(result).toMatchObject({ status: "fulfilled", errors: [] });
    }
  });

  it("and an item that is only read is no output", async ({ expect }) => {
    const items = [Array.from({ length: 130_000 }, () => 0)];
    const results = await runAll(
      v.parse(
        Operations,
        TEN.map(() => "length"),
      ),
      items,
      runOptions,
    );
    for (const result of results) expect(result).toMatchObject({ processed_items: [130_000] });
  });
});

it("a large text of combined characters is taken apart in reasonable time", async ({ expect }) => {
  const text = "👩‍👩‍👧é".repeat(50_000);
  for (const name of ["reverse", "length", "titlecase", "word_count"]) {
    expect(await run(name, [text])).toMatchObject({ errors: [] });
  }
  expect(await run({ name: "truncate", length: 10_000 }, [text])).toMatchObject({ errors: [] });
});
