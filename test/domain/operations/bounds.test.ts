import * as v from "valibot";
import { describe, it } from "vitest";
import { Operation, Operations, type OperationSource } from "../../../src/domain/operations";
import { MAX_REQUEST_WORK } from "../../../src/domain/operations/limits";
import { shareWork } from "../../../src/domain/operations/share-work";
import { Pace } from "../../../src/domain/operations/pace";
import { PipelineRun } from "../../../src/domain/operations/pipeline-run";
import { slugify } from "../../../src/domain/operations/slug";
import { run, runEach, runOptions } from "./run-operation";
import { loadAllOperations } from "../../support/load-operations";

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
      `${"x".repeat(500_000)}\n${"1\n".repeat(200_000)}`,
    ],
    ["a text larger than a request", "trim", "x".repeat(MEGABYTE + 1)],
    ["structure without end", "json_parse", `[${'{"a":1},{"b":1},'.repeat(50_000)}0]`],
  ])("%s", async ([, operation, item], { expect }) => {
    expect(await run(operation, [item, "[]"])).toMatchObject({
      errors: [{ index: 0, code: "too-large" }],
    });
  });

  it("and decided for each item alone, however large its neighbours are", async ({ expect }) => {
    const operation = { name: "pad", length: 10_000 };
    const items = [...Array.from({ length: 1_000 }, () => "x"), "y"];
    expect(await run(operation, items)).toMatchObject({ errors: [] });
  });
});

describe("what a step holds in memory refuses the operation", () => {
  const many = (count: number) => Array.from({ length: count }, () => "x");

  it("saying how much it would be, with two bytes a character where one is wide", async ({
    expect,
  }) => {
    const pad = (fill: string) => run({ name: "pad", length: 10_000, with: fill }, many(1_200));
    await expect(pad("-")).resolves.toMatchObject({ errors: [] });
    await expect(pad("€")).rejects.toThrow(
      /^Step 1, pad, holds (?:1[6-9]|2\d)\d{6} bytes of memory with its items; at most 16777216 are allowed$/,
    );
  });

  it("counts structure as well as texts", async ({ expect }) => {
    const text = JSON.stringify(Array.from({ length: 10_000 }, (_, n) => ({ [`k${n}`]: [] })));
    await expect(
      run(
        "json_parse",
        Array.from({ length: 20 }, () => text),
      ),
    ).rejects.toThrow("holds");
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

describe("the work of a request", () => {
  const texts = Array.from({ length: 1_000 }, () => "Héllo, world! ".repeat(72));
  const ten = (operation: string) => Array.from({ length: 10 }, () => operation);

  it("is enough for ten pipelines of ten steps over ten thousand items", async ({ expect }) => {
    const items = Array.from({ length: 10_000 }, (_, n) => `Item ${n}`);
    const steps = ["trim", "lowercase", "uppercase", "reverse", "collapse_whitespace"];
    const pipeline = v.parse(Operation, [...steps, ...steps]);
    const pipelines = Array.from({ length: 10 }, () => pipeline);
    const pace = new Pace(runOptions.yieldToOthers);
    const owns = shareWork(pipelines, items, pace).map(({ begin }) => begin());
    for (const own of owns)
      expect(own + pace.workLeft).toBeGreaterThanOrEqual(MAX_REQUEST_WORK / 10);
    expect(await runEach([pipeline], items)).toMatchObject([{ status: "fulfilled", errors: [] }]);
  });

  it("refuses what certainly costs more before it starts, and no neighbour", async ({ expect }) => {
    const operations = v.parse(Operations, [
      ...Array.from({ length: 4 }, () => ten("sort").slice(0, 5)),
      "count",
    ]);
    const refused = {
      status: "rejected",
      error: {
        detail: expect.stringMatching(/^This costs at least \d+; \d+ are left of the 500000000/),
      },
    };
    const ended = { status: "fulfilled" };
    expect(await runEach(operations, texts)).toMatchObject([
      ended,
      refused,
      refused,
      refused,
      ended,
    ]);
  });

  it("is not spent on ten of which none ends", async ({ expect }) => {
    const items = Array.from({ length: 100 }, (_, n) => `Item ${n}`.padEnd(100, "é"));
    const steps = ["base64_encode", "hex_encode", "hex_encode", "slugify", "titlecase"];
    const pipeline = v.parse(Operation, [...steps, ...steps]);
    const results = await runEach(
      Array.from({ length: 10 }, () => pipeline),
      items,
    );
    const ended = results.filter(({ status }) => status === "fulfilled").length;
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(10);
    expect(results.slice(0, ended).every(({ status }) => status === "fulfilled")).toBe(true);
  });

  it("counts all that a ligature stands for, where letters are spelt", async ({ expect }) => {
    const spell = (text: string) => {
      const pace = new Pace(runOptions.yieldToOthers);
      pace.workLeft = 0;
      return slugify(text, "-", "ar", new PipelineRun(runOptions, pace, 10_000));
    };
    expect(await spell("\ufdfa".repeat(9))).toMatch(/^s/);
    expect(() => spell("\ufdfa".repeat(99))).toThrow("takes more work");
  });

  it("refuses a step that costs more than is left, as what comes before has grown", async ({
    expect,
  }) => {
    const grow = { name: "pad", length: 3_000, with: "é" };
    const items = Array.from({ length: 2_000 }, () => "x");
    await expect(run([grow, ...ten("sort").slice(0, 4)], items)).rejects.toThrow(
      /^Step 3, sort, costs 30\d{7} over 2000 items of 6000000 characters; \d+ are left/,
    );
  });
});

it("a large text of combined characters is taken apart in reasonable time", async ({ expect }) => {
  const text = "👩‍👩‍👧é".repeat(50_000);
  for (const name of ["reverse", "length", "titlecase", "word_count"]) {
    expect(await run(name, [text])).toMatchObject({ errors: [] });
  }
  expect(await run({ name: "truncate", length: 10_000 }, [text])).toMatchObject({ errors: [] });
});

it("what is far beyond a bound is counted no further", async ({ expect }) => {
  const table = { a: Array.from({ length: 20_000 }, (_, n) => n) };
  const items = Array.from({ length: 10_000 }, () => "a");
  await expect(run([{ name: "lookup", table }, "json_stringify"], items)).rejects.toThrow(
    "holds over 134217728 bytes",
  );
});

describe("the addresses of the schemas in a JSON Schema", () => {
  const nested = (levels: number) => {
    let schema: object = { type: "string" };
    for (let level = levels; level > 0; level -= 1) schema = { $id: `s${level}`, items: schema };
    return schema;
  };
  const parts = (count: number) => Array.from({ length: count }, () => ({}));

  it.for<[string, unknown]>([
    ["of one in another with an $id each", nested(14)],
    ["under a long $id", { $id: `https://a.example/${"x".repeat(9_000)}`, anyOf: parts(100) }],
    ["under a long name", { properties: { ["x".repeat(9_000)]: { anyOf: parts(100) } } }],
  ])("are bounded together: %s", async ([, schema], { expect }) => {
    const validated = run({ name: "validate", as: "schema", schema }, [1]);
    await expect(validated).rejects.toThrow(/\$id or names are too long or nested$/);
  });

  it.for<[string, unknown]>([
    ["a few $id in each other", { $ref: "s3", $defs: { all: nested(5) } }],
    ["thousands of schemas", { items: { type: "string" }, anyOf: parts(4_000) }],
  ])("are taken of %s", async ([, schema], { expect }) => {
    const operation = { name: "validate", as: "schema", schema };
    expect(await run(operation, [[[["a"]]], ["a"]])).toMatchObject({ errors: [] });
  });
});
