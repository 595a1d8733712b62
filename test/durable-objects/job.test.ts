// One background job: what survives crashes, evictions and repeats, and that nothing is left at the end.
import {
  abortAllDurableObjects,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import { Job } from "../../src/durable-objects/job";
import { JobStore } from "../../src/storage/job-store";
import { batchJob } from "../../src/runtime/jobs";
import { silence } from "../support/fake-outgoing";
import {
  alarmOf,
  batchWork,
  chunksOf,
  DAY_MS,
  fakeUpstreams,
  jobObject,
  submitJob,
  summaryOf,
  texts,
  urls,
  withoutBackoff,
  type OpenJob,
  resultsOf,
} from "../support/jobs";
import { letTimePass, restoreWorld } from "../support/users";
import { waitFor } from "../support/wait-for";
import { codeOf, outputOf } from "../support/results";

afterEach(restoreWorld);

const CALLS = { operation: "external-api" };
const outputsOf = async (open: OpenJob) => (await resultsOf(open)).map(outputOf);

/** Everything that an object has on disk. */
function contentsOf({ stub }: Pick<OpenJob, "stub">) {
  return runInDurableObject(stub, async (_, { storage }) => ({
    tables: storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'chunks'").toArray(),
    keys: [...storage.kv.list()],
    alarm: await storage.getAlarm(),
  }));
}
const NOTHING = { tables: [], keys: [], alarm: null };

/** Leaves a job as so many runs leave it that were cut off in a row before any item was done. */
async function cutOff({ stub }: OpenJob, times: number): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => {
    const store = new JobStore(storage);
    if (store.job === undefined) throw new Error("There is no job");
    store.job = { ...store.job, slice: { done: 0, stuck: times - 1 } };
  });
  await evictDurableObject(stub);
}

describe("a submitted job", () => {
  it("is finished by its alarm where no request ran it", async ({ expect }) => {
    const open = await submitJob(texts(1200));
    expect(await summaryOf(open)).toMatchObject({ status: "queued", startedAt: null });
    await evictDurableObject(open.stub);
    expect(await runDurableObjectAlarm(open.stub)).toBe(true);
    expect(await summaryOf(open)).toMatchObject({
      status: "completed",
      succeeded: 1200,
      failed: 0,
    });
    expect((await outputsOf(open))?.slice(0, 2)).toEqual(["ITEM 0", "ITEM 1"]);
  });

  it("has its alarm from the moment it is stored", async ({ expect }) => {
    const before = Date.now();
    const { stub } = await submitJob(texts(1));
    const alarm = await alarmOf(stub);
    expect(alarm).toBeGreaterThan(before);
    expect(alarm).toBeLessThan(Date.now() + 10_000);
  });

  it("is stored once, however often it is submitted", async ({ expect }) => {
    const open = await submitJob(texts(10));
    await open.job.run();
    const other = batchWork({ id: open.id, operation: "lowercase" });
    await open.job.append(chunksOf(texts(20), 10));
    const submitted = await open.job.submit(other, 20, DAY_MS, chunksOf(texts(20), 10));
    expect(submitted).toMatchObject({
      summary: { status: "completed", operation: "uppercase", total: 10 },
      isOver: true,
    });
    await open.job.discard();
    expect(await outputsOf(open)).toHaveLength(10);
  });

  it("runs each item once, however many run it at once", async ({ expect }) => {
    const runs = vi.spyOn(Job.prototype, "run");
    const sent = fakeUpstreams(async ({ n }) => {
      // Whoever comes later finds items that are not finished.
      await waitFor(() => {
        if (runs.mock.calls.length < 4) throw new Error("Not all have come");
      });
      return Response.json(n);
    });
    const open = await submitJob(urls(30), CALLS, 12);
    await Promise.all([
      open.job.run(),
      open.job.run(),
      runDurableObjectAlarm(open.stub),
      open.job.run(),
    ]);
    await runDurableObjectAlarm(open.stub);
    expect(sent).toHaveBeenCalledTimes(30);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 30 });
  });
});

describe("a crash", () => {
  it("in mid-slice repeats what was under way, and nothing that was saved", async ({ expect }) => {
    const hits = new Map<number, number>();
    let isHanging = true;
    fakeUpstreams(({ n }) => {
      hits.set(n, (hits.get(n) ?? 0) + 1);
      return n >= 24 && isHanging ? new Promise<Response>(() => {}) : Response.json(n);
    });
    const open = await submitJob(urls(40), CALLS, 12);
    open.job.run().catch(() => undefined);
    await waitFor(() => {
      if (!hits.has(29)) throw new Error("Not there yet");
    });
    await waitFor(async () =>
      expect(await summaryOf(open)).toMatchObject({ status: "running", succeeded: 24 }),
    );

    await abortAllDurableObjects();
    isHanging = false;
    const again = { ...open, job: batchJob(env, open.id), stub: jobObject(open.id) };
    expect(await runDurableObjectAlarm(again.stub)).toBe(true);
    expect(await summaryOf(again)).toMatchObject({ status: "completed", succeeded: 40, failed: 0 });
    expect([...hits].filter(([n, count]) => n < 24 && count !== 1)).toEqual([]);
    expect([...hits].filter(([n, count]) => n >= 24 && count > 2)).toEqual([]);
    const results = await resultsOf(again);
    expect(results.map(({ index }) => index)).toEqual(urls(40).map((_, index) => index));
  });

  it("between two attempts loses neither the first nor the wait for the second", async ({
    expect,
  }) => {
    const sent = fakeUpstreams(
      ({ count }) =>
        new Response("", { status: count === 1 ? 503 : 200, headers: { "Retry-After": "60" } }),
    );
    const open = await submitJob(["https://up.example/"], CALLS);
    await open.job.run();
    const { status, succeeded, waiting } = await summaryOf(open);
    expect({ status, succeeded, items: waiting?.items }).toEqual({
      status: "running",
      succeeded: 0,
      items: 1,
    });
    expect(await alarmOf(open.stub)).toBe(waiting?.until);
    await evictDurableObject(open.stub);
    letTimePass(60_000);
    await runDurableObjectAlarm(open.stub);
    expect(sent).toHaveBeenCalledTimes(2);
    expect(await resultsOf(open, { limit: 1 })).toMatchObject([
      { status: "succeeded", attempts: 2 },
    ]);
  });

  it("that comes back each time costs the items it comes from, and no others", async ({
    expect,
  }) => {
    const open = await submitJob(texts(30), {}, 10);
    await cutOff(open, 20);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 20, failed: 10 });
    const failed = await resultsOf(open, { only: "failed" });
    expect(failed.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(failed[0]).toMatchObject({ error: { code: "crashed" } });
  });

  it("that is over is forgotten", async ({ expect }) => {
    const open = await submitJob(texts(30), {}, 10);
    await cutOff(open, 19);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 30 });
    await runInDurableObject(open.stub, (_, { storage }) => {
      expect(new JobStore(storage).job).not.toHaveProperty("slice");
    });
  });
});

describe("lanes that fail", () => {
  it("are asked again, ever more rarely, and cost no attempt", async ({ expect }) => {
    const sent = fakeUpstreams(({ n }) => Response.json(n));
    const open = await submitJob(urls(12), CALLS, 12);
    const broken = vi.spyOn(Job.prototype, "openLane").mockImplementation(() => {
      throw new Error("Overloaded");
    });
    const pauses: number[] = [];
    for (const _ of [1, 2, 3, 4]) {
      await open.job.run();
      const alarm = (await alarmOf(open.stub)) ?? 0;
      pauses.push(Math.round((alarm - Date.now()) / 1000));
      await runInDurableObject(open.stub, (_, { storage }) =>
        storage.setAlarm(Date.now() + DAY_MS),
      );
    }
    expect(pauses).toEqual([1, 2, 4, 8]);
    expect(sent).not.toHaveBeenCalled();

    broken.mockRestore();
    await open.job.run();
    const results = await resultsOf(open);
    expect(results.map(({ attempts }) => attempts)).toEqual(Array(12).fill(1));
  });
});

describe("the end", () => {
  it("comes after the retention, and nothing is left", async ({ expect }) => {
    const open = await submitJob(texts(10));
    await open.job.run();
    const { finishedAt, expiresAt } = await summaryOf(open);
    expect(expiresAt).toBe((finishedAt ?? 0) + 7 * DAY_MS);
    expect(await alarmOf(open.stub)).toBe(expiresAt);

    letTimePass(7 * DAY_MS - 60_000);
    await runDurableObjectAlarm(open.stub);
    expect(await outputsOf(open)).toHaveLength(10);
    expect(await alarmOf(open.stub)).toBe(expiresAt);

    letTimePass(61_000);
    await runDurableObjectAlarm(open.stub);
    expect(await open.job.summary()).toBeNull();
    expect(await open.job.results({ from: 0, limit: 10, only: null })).toBeNull();
    expect(await contentsOf(open)).toEqual(NOTHING);
  });

  it("does not come while items are left, even for one that slept past it", async ({ expect }) => {
    const open = await submitJob(texts(10));
    letTimePass(30 * DAY_MS);
    await runDurableObjectAlarm(open.stub);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 10 });
  });

  it("comes for an upload that was never submitted", async ({ expect }) => {
    const id = crypto.randomUUID();
    const open = { id, job: batchJob(env, id), stub: jobObject(id) };
    const before = Date.now();
    await open.job.append(chunksOf(texts(1000), 500));
    expect(await open.job.summary()).toBeNull();
    expect(await alarmOf(open.stub)).toBeGreaterThan(before + 30 * 60_000);
    await runDurableObjectAlarm(open.stub);
    expect(await contentsOf(open)).toEqual(NOTHING);
  });

  it("comes at once for an upload that is discarded", async ({ expect }) => {
    const id = crypto.randomUUID();
    const open = { id, job: batchJob(env, id), stub: jobObject(id) };
    await open.job.append(chunksOf(texts(1000), 500));
    await open.job.discard();
    expect(await contentsOf(open)).toEqual(NOTHING);
  });
});

it("An item that fails in its own way fails alone", async ({ expect }) => {
  withoutBackoff();
  fakeUpstreams(({ n, signal }) => {
    if (n === 3) throw new TypeError("broken");
    if (n === 5) return silence({ signal });
    if (n === 7) return new Response("x".repeat(2 * 1024 * 1024));
    return Response.json(n);
  });
  const items = urls(12).map((url) => ({ url, timeout_ms: 50 }));
  const open = await submitJob(
    items,
    { ...CALLS, options: { concurrency: 6, max_attempts: 2 } },
    12,
  );
  await open.job.run();
  expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 10, failed: 2 });
  const failed = await resultsOf(open, { only: "failed" });
  expect(failed.map((result) => [result.index, codeOf(result), result.attempts])).toEqual([
    [3, "network", 2],
    [5, "timeout", 2],
  ]);
  const [large] = await resultsOf(open, { from: 7, limit: 1 });
  expect(large).toMatchObject({
    status: "succeeded",
    output: { http_status: 200, body: null, body_omitted: "too-large" },
  });
});
