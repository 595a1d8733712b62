import { describe, it } from "vitest";
import type { OperationSource } from "../../../src/domain/operations";
import { run } from "./run-operation";

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

it("a large text of combined characters is taken apart in reasonable time", async ({ expect }) => {
  const text = "👩‍👩‍👧é".repeat(50_000);
  for (const name of ["reverse", "length", "titlecase", "word_count"]) {
    expect(await run(name, [text])).toMatchObject({ errors: [] });
  }
  expect(await run({ name: "truncate", length: 10_000 }, [text])).toMatchObject({ errors: [] });
});
