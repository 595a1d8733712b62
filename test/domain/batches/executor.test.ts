// Distribution of a batch's work: chunks, lanes and retries.
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import { chunkItems, createExecutor } from "../../../src/domain/batches/executor";
import { createExecutorDeps } from "../../../src/runtime/batch-deps";
import type { BatchOptions } from "../../../src/domain/batches/batch";
import type { Attempt, Made } from "../../../src/domain/jobs/job";
import { batchWork, fakeUpstreams, urls } from "../../support/jobs";
import { restoreWorld } from "../../support/users";

afterEach(restoreWorld);

const executorOf = (
  operation: unknown,
  total: number,
  options: BatchOptions = { concurrency: 6, max_attempts: 3 },
) =>
  createExecutor(
    batchWork({ operation, options }),
    total,
    createExecutorDeps(env, `test:${crypto.randomUUID()}`),
  );

describe("lanes", () => {
  it.for([
    ["uppercase", 100_000, 1],
    ["external-api", 1, 1],
    ["external-api", 100, 1],
    ["external-api", 101, 2],
    ["external-api", 1000, 8],
    ["users", 100_000, 8],
  ] as const)("%s of %i items runs in %i", async ([operation, total, lanes], { expect }) => {
    expect((await executorOf(operation, total)).lanes).toBe(lanes);
  });

  it("are one where the batch wants fewer connections than one has", async ({ expect }) => {
    const { lanes } = await executorOf("external-api", 1000, { concurrency: 5, max_attempts: 3 });
    expect(lanes).toBe(1);
  });
});

it("Items are run again as often as the batch wants, at growing distances", async ({ expect }) => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const executor = await executorOf("uppercase", 1, { concurrency: 6, max_attempts: 4 });
  expect([1, 2, 3, 4].map((attempts) => executor.retryDelay(attempts))).toEqual([
    100,
    200,
    400,
    null,
  ]);
});

it("Items are run three times where the batch does not say", async ({ expect }) => {
  const executor = await executorOf("external-api", 1, { concurrency: 6 });
  const isLast = (attempts: number) => executor.retryDelay(attempts) === null;
  expect([1, 2, 3].map(isLast)).toEqual([false, false, true]);
});

it("A chunk of calls stays within an invocation's requests, with repeats of the calls' own", ({
  expect,
}) => {
  expect(chunkItems("external-api")).toBe(12);
  expect(chunkItems("users")).toBe(12);
  expect(chunkItems("uppercase")).toBe(500);
});

it("A lane brings back a chunk of the largest results that there are", async ({ expect }) => {
  // As objects these are 9 bytes each, and 36 MiB together: more than a call between objects carries.
  const numbers = `[${Array(345_000).fill("-0").join(",")}]`;
  fakeUpstreams(() => new Response(numbers, { headers: { "Content-Type": "application/json" } }));
  const due = urls(12).map((item, index) => ({ index, item, attempts: 0 }));
  const made: (readonly [number, Attempt])[] = [];
  const report = (news: Made) => {
    made.push(...news);
    return true;
  };
  const executor = await executorOf("external-api", 12);
  made.push(...(await executor.runChunk(0, due, report)));
  expect(made.map(([, { status }]) => status)).toEqual(Array(12).fill("succeeded"));
});
