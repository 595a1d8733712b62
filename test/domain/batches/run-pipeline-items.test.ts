// One attempt at each of a chunk's items of pure work.
import { afterEach, describe, it, vi } from "vitest";
import { runPipelineItems } from "../../../src/domain/batches/run-pipeline-items";
import { pipelineOf } from "../../../src/domain/batches/pipeline-of";
import type { Made } from "../../../src/domain/jobs/job";
import type { Pipeline, StepSource } from "../../../src/domain/operations";
import type { ItemFunction } from "../../../src/domain/operations/operation";
import { CHEAP } from "../../../src/domain/operations/price";
import { dueOf, inShort } from "../../support/attempts";
import { runOptions } from "../operations/run-operation";
import { restoreWorld } from "../../support/users";

afterEach(restoreWorld);

describe("items of a pipeline", () => {
  const run = async (operation: StepSource | readonly StepSource[], items: readonly unknown[]) =>
    attemptPipeline(await existing(operation), items);
  const existing = async (operation: StepSource | readonly StepSource[]) => {
    const pipeline = await pipelineOf(operation);
    if (pipeline === null) throw new Error("No such operation");
    return pipeline;
  };
  /** Returns the outcome of each item in order, and the outcomes that each report contained. */
  const attemptPipeline = async (
    pipeline: Pipeline,
    items: readonly unknown[],
    goesOn: (made: Made) => boolean = () => true,
  ) => {
    const reports: Made[] = [];
    await runPipelineItems(pipeline, dueOf(items), runOptions, async (made) => {
      reports.push(made);
      return goesOn(made);
    });
    const made = new Map(reports.flat());
    return { reports, attempts: items.map((_, index) => made.get(index)) };
  };

  it("come out in order, and those that it cannot take fail", async ({ expect }) => {
    const { attempts } = await run(["trim", "uppercase"], [" a", 1, "b ", null]);
    expect(attempts.map(inShort)).toEqual(["A", "wrong-type", "B", "wrong-type"]);
  });

  it("are refused for good", async ({ expect }) => {
    const { attempts } = await run("uppercase", [1]);
    expect(attempts[0]).toMatchObject({ status: "failed", isFinal: true });
  });

  /** A pipeline of one step of our own making. */
  const pipelineTo = (apply: ItemFunction): Pipeline => ({
    source: "uppercase",
    steps: [
      { name: "custom", kind: "item", price: CHEAP, keepsCount: true, keepsSize: false, apply },
    ],
  });

  it("fail alone where an operation is broken", async ({ expect }) => {
    vi.spyOn(console, "error").mockReturnValue();
    const pipeline = pipelineTo((item) => {
      if (item === "poison") throw new TypeError("secret detail");
      return item;
    });
    const { attempts } = await attemptPipeline(pipeline, ["a", "poison", "b", 1]);
    expect(attempts.map(inShort)).toEqual(["a", "internal", "b", 1]);
    expect(JSON.stringify(attempts)).not.toContain("secret detail");
  });

  it("fail alone where one of them takes too much work", async ({ expect }) => {
    const pipeline = pipelineTo((item, run) => {
      run.spend(Number(item) * 1_000_000);
      return item;
    });
    const items = Array.from({ length: 500 }, (_, index) => (index === 3 ? 1_000 : 1));
    const { attempts } = await attemptPipeline(pipeline, items);
    expect(attempts[3]).toMatchObject({ error: { code: "too-large" }, isFinal: true });
    expect(attempts.filter((attempt) => attempt?.status === "succeeded")).toHaveLength(499);
  });

  it("that take too much together are reported one by one, until no more are wanted", async ({
    expect,
  }) => {
    const applied: unknown[] = [];
    const pipeline = pipelineTo((item, run) => {
      applied.push(item);
      run.spend(260_000_000);
      return item;
    });
    const together = await attemptPipeline(pipeline, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(together.reports.map((made) => made.length)).toEqual(Array(10).fill(1));
    applied.length = 0;
    const cut = await attemptPipeline(
      pipeline,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      ([piece]) => piece?.[0] !== 2,
    );
    expect(cut.attempts.map(inShort)).toEqual([0, 1, 2, ...Array(7).fill(undefined)]);
    // The first alone; then 1 and 2 together, and each by itself.
    expect(applied).toEqual([0, 1, 2, 1, 2]);
  });

  it("fail alone where a result cannot be written", async ({ expect }) => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const outputs = [1, 2n, undefined, "b", () => 1];
    const pipeline = pipelineTo((item) => outputs[Number(item)]);
    const { attempts } = await attemptPipeline(pipeline, [0, 1, 2, 3, 4]);
    expect(attempts.map(inShort)).toEqual([
      1,
      "unserializable",
      "unserializable",
      "b",
      "unserializable",
    ]);
  });
});
