// Distribution of a batch's work: chunks, lanes and attempts.
import { env } from "cloudflare:workers";
import { afterEach, it, vi } from "vitest";
import { chunkItems, createExecutor } from "../../../src/domain/batches/executor";
import { createExecutorDeps } from "../../../src/runtime/batch-deps";
import type { BatchOptions } from "../../../src/domain/batches/batch-options";
import { batchWork, fakeUpstreams, urls } from "../../support/jobs";
import { restoreWorld } from "../../support/users";

afterEach(restoreWorld);

async function executorOf(
  operation: unknown,
  options: BatchOptions = { concurrency: 6 },
  keptBytes = 0,
) {
  const work = batchWork({ operation, options });
  const executor = await createExecutor(work, {
    ...createExecutorDeps(env, `test:${crypto.randomUUID()}`, work),
    options: () => options,
    keptBytes: () => keptBytes,
  });
  if (executor === null) throw new Error("No such operation");
  return executor;
}

async function lanesOf(operation: unknown, options?: BatchOptions, keptBytes?: number) {
  const executor = await executorOf(operation, options, keptBytes);
  if (executor.kind !== "lanes") throw new Error("It only computes");
  return executor;
}

it.for([
  ["uppercase", "chunks", 1000],
  [["trim", "lowercase"], "chunks", 1000],
  ["external-api", "lanes", 100],
  ["users", "lanes", 100],
  ["tasks", "lanes", 100],
] as const)("%o runs in %s", async ([operation, kind, size], { expect }) => {
  expect((await executorOf(operation)).kind).toBe(kind);
  expect(chunkItems(operation)).toBe(size);
});

it("An operation that is gone has no executor", async ({ expect }) => {
  await expect(executorOf("no_such_operation")).rejects.toThrow("No such operation");
});

it("Items are run again at growing distances", async ({ expect }) => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const { delay } = await executorOf("uppercase");
  expect([1, 2, 3].map(delay)).toEqual([100, 200, 400]);
});

it("Attempts are those of the call, else of the batch, else one where a repeat has effects", async ({
  expect,
}) => {
  const url = "https://up.example/";
  const items = [url, { url, method: "DELETE" }, { url, method: "POST" }, { url, retries: 5 }];
  const attempts = async (options?: BatchOptions) => {
    const { plan } = await lanesOf("external-api", options);
    return items.map((item, index) => plan(item, index).maxAttempts);
  };
  expect(await attempts()).toEqual([3, 3, 1, 6]);
  expect(await attempts({ concurrency: 6, max_attempts: 4 })).toEqual([4, 4, 4, 6]);
});

it("Only calls whose repeat has effects are sent once, and calls of one host wait together", async ({
  expect,
}) => {
  const { plan } = await lanesOf("external-api");
  const planned = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH"].map(
    (method, index) =>
      plan({ url: `https://${index % 2 === 0 ? "a" : "b"}.example/${index}`, method }, index),
  );
  expect(planned.map(({ isOnce }) => isOnce)).toEqual([...Array(5).fill(false), true, true]);
  expect(new Set(planned.map(({ gate }) => gate))).toEqual(new Set(["a.example", "b.example"]));
  const users = await lanesOf("users");
  expect(users.plan({ name: "Ada", email: "a@b.example" }, 0).isOnce).toBe(false);
});

it("A lane brings back the largest results that there are", async ({ expect }) => {
  // As objects these are 9 bytes each, and 36 MiB together: more than a call between objects carries.
  const numbers = `[${Array(345_000).fill("-0").join(",")}]`;
  fakeUpstreams(() => new Response(numbers, { headers: { "Content-Type": "application/json" } }));
  const { opener } = await lanesOf("external-api");
  const lane = await opener.open(0);
  const outcomes = await Promise.all(
    urls(12).map((item, index) => lane.run({ index, item, attempts: 0, isOnce: false })),
  );
  expect(outcomes.map(({ attempt }) => attempt?.status)).toEqual(Array(12).fill("succeeded"));
});

it("A batch that keeps as much as it may leaves further bodies out, and says so", async ({
  expect,
}) => {
  fakeUpstreams(() => Response.json({ large: true }));
  const { opener } = await lanesOf("external-api", { concurrency: 6 }, 300_000_000);
  const lane = await opener.open(0);
  const { attempt } = await lane.run({
    index: 0,
    item: "https://up.example/",
    attempts: 0,
    isOnce: false,
  });
  expect(attempt).toMatchObject({
    status: "succeeded",
    output: { http_status: 200, body: null, body_omitted: "too-large" },
  });
});
