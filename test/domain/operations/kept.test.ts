// The memory that the pipelines of a request keep together.
import * as v from "valibot";
import { describe, it } from "vitest";
import { Operation, type OperationSource } from "../../../src/domain/operations";
import { loadAllOperations } from "../../support/load-operations";
import { run, runEach } from "./run-operation";

await loadAllOperations();

const parsed = (source: OperationSource) => v.parse(Operation, source);
const tenTimes = (source: OperationSource) => Array.from({ length: 10 }, () => parsed(source));
const list = <T>(length: number, make: (at: number) => T) =>
  Array.from({ length }, (_, n) => make(n));

const TEXTS = list(10_000, (n) => `Item ${n}`);
const TOO_MUCH =
  /^Step \d+, \w+, would keep too much memory: \d+ bytes are kept by the operations before, \d+ by this one; at most 16777216 by those of a request\. Send it in a request of its own$/;

describe("what several operations keep", () => {
  it.for<[string, OperationSource, readonly unknown[]]>([
    [
      "a large item",
      ["json_parse", { name: "select", expression: "length(@)" }],
      [`[${"1,".repeat(400_000)}1]`],
    ],
    ["a large item that fails", "json_parse", [`[${"[],".repeat(300_000)}[]]`]],
    [
      "what an expression makes",
      { name: "select", expression: "length(map(&[@],@))" },
      [list(200_000, () => 1)],
    ],
    ["a long list of texts", [{ name: "pad", length: 500 }, "shuffle", "count"], TEXTS],
    ["the keys of a long list", ["flatten", "sort", "count"], [list(100_000, (n) => n)]],
    [
      "the lists that it is cut into",
      ["flatten", { name: "chunk", size: 1 }, "count"],
      [list(50_000, (n) => n)],
    ],
    ["the groups of a list", ["flatten", "frequency"], [list(50_000, (n) => n)]],
    [
      "the groups of a list, and their measures",
      ["flatten", { name: "summarize", by: "@", value: "@" }],
      [list(30_000, (n) => n)],
    ],
  ])("is bounded: %s", async ([, source, items], { expect }) => {
    const results = await runEach(tenTimes(source), items);
    expect(results[0]).toMatchObject({ status: "fulfilled" });
    expect(results.at(-1)).toMatchObject({
      status: "rejected",
      error: { code: "too-large", detail: expect.stringMatching(TOO_MUCH) },
    });
    // An operation that is refused beside others runs by itself.
    await run(source, items);
  });

  it("does not refuse those that keep little, whatever the others keep", async ({ expect }) => {
    const heavy: OperationSource = [{ name: "pad", length: 500 }, "shuffle", "count"];
    const light: OperationSource[] = ["uppercase", "count", ["trim", "sort"]];
    const results = await runEach([heavy, heavy, ...light].map(parsed), TEXTS);
    expect(results.map(({ status }) => status === "fulfilled")).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it("is enough for ten pipelines of ten steps over ten thousand texts", async ({ expect }) => {
    const steps: OperationSource = [
      "trim",
      "sort",
      "lowercase",
      "unique",
      "collapse_whitespace",
      { name: "shuffle", seed: 1 },
      "uppercase",
      { name: "filter", expression: "@" },
      "snake_case",
      "unique",
    ];
    const results = await runEach(tenTimes(steps), TEXTS);
    for (const result of results)
      expect(result).toMatchObject({
        status: "fulfilled",
        errors: [],
        processed_items: { length: 10_000 },
      });
  });

  it("is enough for ten pipelines over ten thousand texts of a whole body", async ({ expect }) => {
    const results = await runEach(
      tenTimes(["uppercase", "unique", "lowercase", "unique"]),
      list(10_000, (n) => `${n}${"x".repeat(90)}`),
    );
    for (const result of results) expect(result).toMatchObject({ status: "fulfilled" });
  });
});
