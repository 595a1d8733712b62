// What must not be done twice unknowingly, hosts that ask for patience, bounds in time, and options that change.
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import { LaneTarget } from "../../src/durable-objects/lane-target";
import { batchJob } from "../../src/runtime/jobs";
import {
  alarmOf,
  fakeUpstreams,
  jobObject,
  readBatch,
  readResults,
  submitJob,
  summaryOf,
  urls,
  withoutBackoff,
  type OpenJob,
  resultsOf,
} from "../support/jobs";
import { letTimePass, restoreWorld } from "../support/users";
import { waitFor } from "../support/wait-for";

afterEach(restoreWorld);

const CALLS = { operation: "external-api" };
const posts = (count: number) => urls(count).map((url) => ({ url, method: "POST", json: 1 }));

/** The job in an object that has started anew, with memory of nothing. */
async function afterReset(open: OpenJob): Promise<OpenJob> {
  await abortAllDurableObjects();
  return { ...open, job: batchJob(env, open.id), stub: jobObject(open.id) };
}

describe("objects that are reset in the middle of POSTs", () => {
  it.for([
    [{}, 1, "failed"],
    [{ max_attempts: 2 }, 2, "succeeded"],
  ] as const)("with %o send each at most %i times", async ([options, most, status], { expect }) => {
    const keys = new Map<number, (string | null)[]>();
    let isHanging = true;
    fakeUpstreams(({ n, headers }) => {
      keys.set(n, [...(keys.get(n) ?? []), headers.get("Idempotency-Key")]);
      return n >= 4 && isHanging ? new Promise<Response>(() => {}) : Response.json(n);
    });
    const open = await submitJob(posts(12), { ...CALLS, options: { concurrency: 3, ...options } });
    open.job.run().catch(() => undefined);
    await waitFor(() => {
      if (keys.size < 7) throw new Error("Not there yet");
    });
    isHanging = false;
    const again = await afterReset(open);
    await runDurableObjectAlarm(again.stub);
    const results = await resultsOf(again);
    expect(results).toHaveLength(12);
    for (const [n, sent] of keys) {
      expect(sent.length, String(n)).toBeLessThanOrEqual(most);
      expect(new Set(sent).size).toBe(1);
      expect(sent[0]).not.toBeNull();
    }
    // Answers that had come are kept, although their chunk was not saved.
    expect(results.slice(0, 4).every((result) => result.status === "succeeded")).toBe(true);
    const cut = results.slice(4, 7);
    expect(cut.map((result) => result.status)).toEqual(Array(3).fill(status));
    expect(cut.map(({ attempts }) => attempts)).toEqual(Array(3).fill(most));
    if (most === 1) expect((await summaryOf(again)).failedByCode).toEqual({ interrupted: 3 });
  });
});

describe("a large body that its lane loses", () => {
  const lose = () => {
    fakeUpstreams(() => Response.json("x".repeat(100_000)));
    return vi.spyOn(LaneTarget.prototype, "body").mockRejectedValue(new Error("Reset"));
  };

  it("is left out of the receipt of a POST, which is not sent again", async ({ expect }) => {
    lose();
    const open = await submitJob(posts(2), CALLS);
    await open.job.run();
    const output = { http_status: 200, body: null, body_omitted: "too-large" };
    const receipt = { status: "succeeded", attempts: 1, output };
    expect(await resultsOf(open)).toMatchObject([receipt, receipt]);
  });

  it("is asked for again by a GET", async ({ expect }) => {
    const lost = lose();
    const open = await submitJob(urls(2), CALLS);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ succeeded: 0, failed: 0 });
    lost.mockRestore();
    await open.job.run();
    const receipt = { status: "succeeded", output: { body: "x".repeat(100_000) } };
    expect(await resultsOf(open)).toMatchObject([receipt, receipt]);
  });
});

describe("a host that asks for patience", () => {
  const busy = () => new Response("", { status: 429, headers: { "Retry-After": "3600" } });

  it("waits, visibly, without an attempt used up, while others go on", async ({ expect }) => {
    let isBusy = true;
    fakeUpstreams(({ url }) => (url.host === "busy.example" && isBusy ? busy() : Response.json(1)));
    const items = urls(30).map((url, n) => (n % 3 === 0 ? url.replace("up.", "busy.") : url));
    const options = { concurrency: 6, max_attempts: 1 };
    const open = await submitJob(items, { ...CALLS, options });
    await open.job.run();
    const { status, succeeded, failed, waiting, leastMs } = await summaryOf(open);
    expect({ status, succeeded, failed }).toEqual({ status: "running", succeeded: 20, failed: 0 });
    expect(waiting?.items).toBe(10);
    expect(leastMs).toBeGreaterThan(3_000_000);
    expect(await alarmOf(open.stub)).toBe(waiting?.until);
    isBusy = false;
    letTimePass(3_600_000);
    await runDurableObjectAlarm(open.stub);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 30 });
  });

  it.for([
    { "Retry-After": "99999999999999" },
    { "Retry-After": "9".repeat(400) },
    { "X-RateLimit-Reset": "9999999999999999" },
  ])(
    "for longer than dates reach, as by %o, is waited for visibly",
    async (headers, { expect }) => {
      fakeUpstreams(() => new Response("", { status: 429, headers: new Headers({ ...headers }) }));
      const { id, job } = await submitJob(urls(1), {
        ...CALLS,
        options: { concurrency: 1, timeout_s: 60 },
      });
      await job.run();
      expect(await readBatch(id)).toMatchObject({ status: "running", waiting: { items: 1 } });
      const { results } = await readResults(id, "?only=pending");
      expect(results.map(({ attempts }) => attempts)).toEqual([1]);
    },
  );
});

describe("time", () => {
  it("that is over cancels what is left", async ({ expect }) => {
    fakeUpstreams(() => new Response("", { status: 429, headers: { "Retry-After": "86000" } }));
    const open = await submitJob(urls(3), { ...CALLS, options: { concurrency: 1, timeout_s: 60 } });
    await open.job.run();
    expect(await alarmOf(open.stub)).toBeLessThanOrEqual(Date.now() + 60_000);
    letTimePass(61_000);
    await runDurableObjectAlarm(open.stub);
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", reason: "timeout" });
  });

  it("is an hour for callers without a token", async ({ expect }) => {
    fakeUpstreams(() => new Response("", { status: 429, headers: { "Retry-After": "86000" } }));
    const open = await submitJob(urls(1), { ...CALLS, hasToken: false });
    await open.job.run();
    letTimePass(3_601_000);
    await runDurableObjectAlarm(open.stub);
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", reason: "timeout" });
  });
});

it("An operation that is gone fails its items at once", async ({ expect }) => {
  const open = await submitJob(["a", "b"], { operation: "no_such_operation" });
  await open.job.run();
  expect(await summaryOf(open)).toMatchObject({
    status: "completed",
    failed: 2,
    failedByCode: { "unknown-operation": 2 },
  });
});

it("A retry gives all attempts anew, and tells those before it, too", async ({ expect }) => {
  withoutBackoff();
  const sent = fakeUpstreams(() => new Response("", { status: 500 }));
  const open = await submitJob(urls(1), {
    ...CALLS,
    options: { concurrency: 1, max_attempts: 2 },
  });
  await open.job.run();
  await open.job.act("retry");
  await open.job.run();
  expect(sent).toHaveBeenCalledTimes(4);
  expect(await resultsOf(open)).toMatchObject([{ status: "failed", attempts: 4 }]);
});

it("An alarm that was lost is set again by the next look", async ({ expect }) => {
  const open = await submitJob(["a"]);
  await runInDurableObject(open.stub, (_, { storage }) => storage.deleteAlarm());
  await open.job.summary();
  expect(await alarmOf(open.stub)).toBeLessThan(Date.now() + 10_000);
});

it("Options that change while it runs count from then on", async ({ expect }) => {
  const gate = Promise.withResolvers<void>();
  const sent = fakeUpstreams(async () => {
    await gate.promise;
    return Response.json(1);
  });
  const open = await submitJob(urls(40), { ...CALLS, options: { concurrency: 2 } });
  const slice = open.job.run();
  await waitFor(() => {
    if (sent.mock.calls.length < 2) throw new Error("Not there yet");
  });
  expect(await open.job.change({ options: { concurrency: 20 } })).not.toHaveProperty("code");
  await waitFor(() => {
    if (sent.mock.calls.length < 20) throw new Error("Not there yet");
  });
  gate.resolve();
  await slice;
  expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 40 });
  expect(await open.job.change({ options: { concurrency: 1 } })).toMatchObject({
    code: "wrong-state",
  });
});
