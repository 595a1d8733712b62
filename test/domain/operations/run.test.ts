import * as fc from "fast-check";
import * as v from "valibot";
import { describe, it } from "vitest";
import {
  Operation,
  type OperationSource,
  type StepSource,
  runItem,
  runPipeline,
} from "../../../src/domain/operations";
import { outputOf, run, runEach, runOptions } from "./run-operation";
import { loadAllOperations } from "../../support/load-operations";

await loadAllOperations();

const read = (source: OperationSource) => v.parse(Operation, source);

describe("an item that a step cannot take", () => {
  it("is null in its place, reported once, and left alone by later steps", async ({ expect }) => {
    expect(await run(["trim", "uppercase", "base64_encode"], [" a ", 5, "b"])).toEqual({
      processed_items: ["QQ==", null, "Qg=="],
      errors: [{ index: 1, code: "wrong-type", detail: "Expected text, received number" }],
    });
  });

  it("is never taken for a null of the caller's, whatever follows", async ({ expect }) => {
    const items = [null, "x", 3, "y", null];
    const cases: [after: StepSource[], output: unknown][] = [
      [["count"], 3],
      [
        ["frequency"],
        [
          { value: null, count: 2 },
          { value: 3, count: 1 },
        ],
      ],
      [["unique"], [null, null, 3, null]],
    ];
    const first = { name: "select", expression: "@ && abs(@)" };
    for (const [after, output] of cases) {
      const outcome = await run([first, ...after], items);
      expect(
        "value" in outcome ? outcome.value : outcome.processed_items,
        JSON.stringify(after),
      ).toEqual(output);
      expect(outcome.errors.map(({ index }) => index)).toEqual([1, 3]);
    }
  });

  it("is named by its index in the request, however the list was changed before", async ({
    expect,
  }) => {
    const { errors } = await run(
      [{ name: "skip", count: 1 }, { name: "sort", order: "desc" }, "uppercase"],
      ["x", 3, "y", 7],
    );
    expect(errors.map(({ index }) => index)).toEqual([1, 3]);
    const flattened = await run(["flatten", "uppercase"], [["a"], [1, "b", 2]]);
    expect(flattened).toMatchObject({ processed_items: ["A", null, "B", null] });
    expect(flattened.errors.map(({ index }) => index)).toEqual([1, 1]);
    const chunked = await run([{ name: "chunk", size: 2 }, "uppercase"], ["a", "b", "c"]);
    expect(chunked.errors.map(({ index }) => index)).toEqual([0, 2]);
  });

  it("never shifts another's position", async ({ expect }) => {
    const item = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
    const steps = fc.array(
      fc.constantFrom("trim", "uppercase", "reverse", "sha1", "base64_encode"),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item), steps, async (items, names) => {
        const outcome = await run(names, items);
        if (!("processed_items" in outcome)) throw new Error("not a list");
        const refused = items.flatMap((value, at) => (typeof value === "string" ? [] : [at]));
        expect(outcome.errors.map(({ index }) => index)).toEqual(refused);
        expect(outcome.processed_items.map((value) => value === null)).toEqual(
          items.map((value) => typeof value !== "string"),
        );
      }),
    );
  });
});

it("a pipeline equals its steps one by one", async ({ expect }) => {
  const step = fc.constantFrom<StepSource>(
    "trim",
    "uppercase",
    "titlecase",
    "reverse",
    "normalize",
    "base64_encode",
    "html_escape",
    "unique",
    "sort",
    { name: "truncate", length: 3 },
    { name: "skip", count: 1 },
    { name: "take", count: 4 },
    { name: "shuffle", seed: 7 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.array(step, { minLength: 1, maxLength: 5 }),
      async (items, steps) => {
        let stepwise: unknown = items;
        for (const one of steps) stepwise = await outputOf(one, stepwise as unknown[]);
        expect(await outputOf(steps, items)).toEqual(stepwise);
      },
    ),
  );
});

describe("a long list", () => {
  const items = Array.from({ length: 10_000 }, (_, n) => `  Item number ${n}  `);

  it("of 10,000 items passes a pipeline of three steps", async ({ expect }) => {
    const output = await outputOf(["trim", "uppercase", "sha256"], items);
    expect(output).toHaveLength(10_000);
    expect(new Set(output as string[]).size).toBe(10_000);
  });

  it("yields by the work that was done, and keeps its order", async ({ expect }) => {
    let yields = 0;
    const outcome = await runPipeline(read(["trim", "titlecase"]), items, {
      ...runOptions,
      yieldToOthers: async () => void (yields += 1),
    });
    expect(yields).toBeGreaterThan(10);
    expect(yields).toBeLessThan(100);
    expect(outcome).toMatchObject({ errors: [] });
    expect("processed_items" in outcome && outcome.processed_items[9_999]).toBe("Item Number 9999");
  });

  it("does not yield for a short one", async ({ expect }) => {
    let yields = 0;
    const yieldToOthers = async () => void (yields += 1);
    await runPipeline(read("uppercase"), ["a", "b"], { ...runOptions, yieldToOthers });
    expect(yields).toBe(0);
  });

  it("lets pipelines and others take turns", async ({ expect }) => {
    const turns: string[] = [];
    const yieldOf = (name: string) => async () => {
      turns.push(name);
    };
    await Promise.all([
      runPipeline(read("titlecase"), items, { ...runOptions, yieldToOthers: yieldOf("a") }),
      runPipeline(read("word_count"), items, { ...runOptions, yieldToOthers: yieldOf("b") }),
    ]);
    expect(turns.slice(0, 4)).toEqual(["a", "b", "a", "b"]);
  });
});

describe("several pipelines over the same items", () => {
  it("settle one by one, in their order", async ({ expect }) => {
    const deep = [
      [Array.from({ length: 60_000 }, () => 0), Array.from({ length: 60_000 }, () => 0)],
    ];
    const results = await runEach(
      [read("length"), read({ name: "flatten", depth: 3 }), read(["flatten", "count"])],
      deep,
      runOptions,
    );
    expect(results).toEqual([
      { operation: "length", status: "fulfilled", processed_items: [2], errors: [] },
      {
        operation: { name: "flatten", depth: 3 },
        status: "rejected",
        error: {
          code: "too-large",
          detail: "A list holds at most 100000 entries; this one would have 120000",
        },
      },
      { operation: ["flatten", "count"], status: "fulfilled", value: 2, errors: [] },
    ]);
  });
});

describe("what several pipelines do together", () => {
  it("yields for all of them at once", async ({ expect }) => {
    const items = Array.from({ length: 10_000 }, (_, n) => `Item number ${n}`);
    const yieldsOf = async (count: number) => {
      let yields = 0;
      const yieldToOthers = async () => {
        yields += 1;
      };
      const pipelines = Array.from({ length: count }, () => read("titlecase"));
      const results = await runEach(pipelines, items, { ...runOptions, yieldToOthers });
      expect(results.every(({ status }) => status === "fulfilled")).toBe(true);
      return yields;
    };
    expect(await yieldsOf(10)).toBeLessThan(12 * (await yieldsOf(1)));
  });

  it("is set aside for each of them before any starts", async ({ expect }) => {
    const long = ["a".repeat(1_000_000)];
    const expensive = Array.from({ length: 5 }, () => "sort");
    const results = await runEach([expensive, expensive, "length", "trim"].map(read), long);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(results[1]).toMatchObject({
      error: {
        detail: expect.stringMatching(/costs at least 2\d+; \d+ are left of the 500000000/),
      },
    });
  });
});

describe("one item of a batch", () => {
  it("comes out with its output, or with the reason of its refusal", async ({ expect }) => {
    const pipeline = read(["trim", "sha1"]);
    expect(await runItem(pipeline, " abc ", runOptions)).toEqual({
      ok: true,
      output: "a9993e364706816aba3e25717850c26c9cd0d89d",
    });
    expect(await runItem(pipeline, {}, runOptions)).toEqual({
      ok: false,
      code: "wrong-type",
      detail: "Expected text, received object",
    });
  });

  it("is refused for good where it takes too much work, before it starts", async ({ expect }) => {
    const long = "語".repeat(1_000_000);
    const pipeline = read(Array.from({ length: 10 }, () => "titlecase"));
    const longer = { ...pipeline, steps: Array(3).fill(pipeline.steps).flat() };
    expect(await runItem(longer, long, runOptions)).toMatchObject({
      ok: false,
      code: "too-large",
    });
  });
});

describe("a number too large for JavaScript", () => {
  it("is reported, wherever it comes from", async ({ expect }) => {
    const items: unknown[] = JSON.parse('[1e999, {"a": [-1e999]}, 1]');
    const error = { code: "invalid-value", detail: "A number is too large" };
    expect(await run({ name: "skip", count: 0 }, items)).toEqual({
      processed_items: [null, null, 1],
      errors: [
        { index: 0, ...error },
        { index: 1, ...error },
      ],
    });
    expect(await run("json_parse", ["1e999", "[1e308]"])).toEqual({
      processed_items: [null, [1e308]],
      errors: [{ ...error, index: 0, detail: "Holds a number that a double cannot hold" }],
    });
  });
});

describe("what items may be", () => {
  it("is any JSON value", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (items) => {
        expect(await outputOf({ name: "skip", count: 0 }, items)).toEqual(items);
      }),
    );
  });

  it("ends at a hundred levels, and the others go on", async ({ expect }) => {
    const deep: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
    const outcome = await run("json_stringify", [deep, [1]]);
    expect(outcome).toMatchObject({
      processed_items: [null, "[1]"],
      errors: [{ index: 0, code: "too-large" }],
    });
    expect(await run("json_parse", ["[".repeat(500) + "]".repeat(500)])).toMatchObject({
      errors: [{ code: "too-large" }],
    });
  });
});
