// Small batches that only compute are run before they are stored; all others as they always were.
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { runAtOnce } from "../../../src/domain/batches/run-at-once";
import type { BatchWork } from "../../../src/domain/batches/job-record";
import { createJob } from "../../../src/domain/jobs/decision";
import { createRunOptions } from "../../../src/runtime/run-options";
import { newChunk } from "../../../src/storage/job-rows";
import { batchWork, chunksOf, DAY_MS, texts } from "../../support/jobs";

const NOW = Date.UTC(2040, 0, 1);

/** Runs the items of a new job. */
function run(items: readonly unknown[], parts: Partial<BatchWork> = {}, more = 0) {
  const work = batchWork({ createdAt: NOW, ...parts });
  const startAt = Date.parse(work.options.start_at ?? "") || null;
  const total = items.length + more;
  const { record } = createJob(work, { total, retentionMs: DAY_MS, startAt }, NOW);
  return runAtOnce(record, chunksOf(items, 1000), {
    random: Math.random,
    runOptions: createRunOptions(env),
    yieldToOthers: async () => undefined,
    now: () => NOW,
    load: newChunk,
  });
}

describe("a small batch that only computes", () => {
  it("is run, whatever becomes of its items", async ({ expect }) => {
    expect(await run(["a", 1, "c"])).toMatchObject([
      { status: "succeeded", output: "A" },
      { status: "failed", error: { code: "wrong-type" } },
      { status: "succeeded", output: "C" },
    ]);
    expect(await run(texts(1000))).toHaveLength(1000);
  });
});

describe("a batch is left to the background", () => {
  const pattern = { name: "regex_replace", pattern: "a", replacement: "b" };
  it.for<[string, Parameters<typeof run>]>([
    ["whose items are not all here", [texts(10), {}, 1]],
    [
      "that starts later",
      [texts(1), { options: { concurrency: 1, start_at: "2041-01-01T00:00:00Z" } }],
    ],
    ["of more than a chunk", [texts(1001)]],
    ["of long texts", [["x".repeat(600_000)]]],
    ["of work that shows only as it is done", [texts(1), { operation: pattern }]],
    [
      "that ends with a failure",
      [texts(1), { options: { concurrency: 1, stop_after_failures: 1 } }],
    ],
    ["with a summary", [texts(1), { then: "count" }]],
    ["of calls", [["https://a.example/"], { operation: "external-api" }]],
    ["of records", [[{ title: "Call" }], { operation: "tasks" }]],
    ["of an operation that is gone", [texts(1), { operation: "gone" }]],
  ])("%s", async ([, given], { expect }) => {
    expect(await run(...given)).toBeNull();
  });
});
