// The end of a batch that is stopped in the middle of a chunk: nothing further is started, what is under
// way is kept, and the end is told once nothing changes any more.
import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock";
import { batchJob } from "../../src/runtime/jobs";
import {
  alarmOf,
  DAY_MS,
  fakeUpstreams,
  jobObject,
  readBatch,
  submitJob,
  summaryOf,
  urls,
} from "../support/jobs";
import { receive } from "../support/tasks";
import { letTimePass, restoreWorld } from "../support/users";
import { waitFor } from "../support/wait-for";

afterEach(restoreWorld);

const ONE_BY_ONE = { operation: "external-api", options: { concurrency: 1, max_attempts: 1 } };
/** From now on it is later than a lane goes on without asking whether it may. */
function letAWhilePass(): void {
  const now = performance.now() + 1000;
  vi.spyOn(systemClock, "now").mockReturnValue(now);
}

/** A job of twelve calls, one at a time, in the middle of its second. */
async function inMidChunk(parts = {}) {
  const gate = Promise.withResolvers<void>();
  const sent = fakeUpstreams(async ({ count }) => {
    if (count === 2) await gate.promise;
    return Response.json(count);
  });
  const open = await submitJob(urls(12), { ...ONE_BY_ONE, ...parts }, 12);
  const slice = open.job.run();
  await waitFor(() => {
    if (sent.mock.calls.length < 2) throw new Error("Not there yet");
  });
  letAWhilePass();
  return { open, sent, slice, letGo: gate.resolve };
}

describe("a batch that is stopped in the middle of a chunk", () => {
  it("starts no further call when it is cancelled, and ends when the last is in", async ({
    expect,
  }) => {
    const { open, sent, slice, letGo } = await inMidChunk();
    const { summary } = (await open.job.act("cancel")) ?? {};
    expect(summary).toMatchObject({ status: "cancelled", finishedAt: null });
    letGo();
    await slice;
    expect(sent).toHaveBeenCalledTimes(2);
    const ended = await summaryOf(open);
    expect(ended).toMatchObject({ status: "cancelled", succeeded: 2, failed: 0 });
    expect(ended.finishedAt).not.toBeNull();
  });

  it("starts no further call while it is paused, and goes on with the next", async ({ expect }) => {
    const { open, sent, slice, letGo } = await inMidChunk();
    await open.job.act("pause");
    letGo();
    await slice;
    expect(sent).toHaveBeenCalledTimes(2);
    expect(await summaryOf(open)).toMatchObject({ status: "paused", succeeded: 2 });
    await open.job.act("resume");
    await open.job.run();
    expect(sent).toHaveBeenCalledTimes(12);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 12 });
  });

  it("is not left to the alarm of its pause when it is cancelled after all", async ({ expect }) => {
    const { open, slice, letGo } = await inMidChunk();
    await open.job.act("pause");
    expect(await alarmOf(open.stub)).toBeGreaterThan(Date.now() + DAY_MS);
    await open.job.act("cancel");
    // Should its object be lost now, nothing else would ring for it.
    expect(await alarmOf(open.stub)).toBeLessThan(Date.now() + 10_000);
    letGo();
    await slice;
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", succeeded: 2 });
  });

  it("starts no further call when it is removed", async ({ expect }) => {
    const { open, sent, slice, letGo } = await inMidChunk();
    expect(await open.job.remove()).toBe(true);
    letGo();
    await slice;
    expect(sent).toHaveBeenCalledTimes(2);
    expect(await open.job.summary()).toBeNull();
  });

  it("completes when it is paused at its last item", async ({ expect }) => {
    const gate = Promise.withResolvers<void>();
    const sent = fakeUpstreams(async () => {
      await gate.promise;
      return Response.json(1);
    });
    const open = await submitJob(urls(1), ONE_BY_ONE, 12);
    const slice = open.job.run();
    await waitFor(() => {
      if (sent.mock.calls.length < 1) throw new Error("Not there yet");
    });
    await open.job.act("pause");
    gate.resolve();
    await slice;
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 1 });
  });

  it("shows what is done before its chunk is", async ({ expect }) => {
    const { open, slice, letGo } = await inMidChunk();
    await waitFor(async () => {
      if ((await summaryOf(open)).succeeded > 0) return;
      letGo();
      throw new Error("Not there yet");
    });
    await slice;
    expect((await readBatch(open.id)).succeeded).toBe(12);
  });

  it("ends by its alarm when its object was lost before its slice ended", async ({ expect }) => {
    const { open, slice } = await inMidChunk();
    await open.job.act("cancel");
    const lost = slice.catch(() => "lost");
    await abortAllDurableObjects();
    expect(await lost).toBe("lost");
    const again = { job: batchJob(env, open.id) };
    expect(await summaryOf(again)).toMatchObject({ status: "cancelled", finishedAt: null });
    expect(await runDurableObjectAlarm(jobObject(open.id))).toBe(true);
    const ended = await summaryOf(again);
    expect(ended.status).toBe("cancelled");
    expect(ended.finishedAt).not.toBeNull();
  });
});

it("The channels of a cancelled batch are told the counts that stay", async ({ expect }) => {
  const gate = Promise.withResolvers<void>();
  const received = receive(async ({ host, url }) => {
    if (host === "up.example" && url.endsWith("n=1")) await gate.promise;
    return Response.json(1);
  });
  const open = await submitJob(urls(12), { ...ONE_BY_ONE, notify: ["hook"] }, 12);
  const slice = open.job.run();
  const calls = () => received.filter(({ host }) => host === "up.example").length;
  await waitFor(() => {
    if (calls() < 2) throw new Error("Not there yet");
  });
  letAWhilePass();
  await open.job.act("cancel");
  gate.resolve();
  await slice;
  await runDurableObjectAlarm(open.stub);
  await waitFor(() => {
    if (!received.some(({ host }) => host === "hook.example")) throw new Error("Not yet");
  });
  const told = received.filter(({ host }) => host === "hook.example");
  expect(told.map(({ body }) => JSON.parse(body))).toMatchObject([
    { type: "batch.completed", data: { status: "cancelled", succeeded: 2, pending: 10 } },
  ]);
});

it("Running stops with the pause, whatever comes in after it", async ({ expect }) => {
  const { open, slice, letGo } = await inMidChunk();
  await open.job.act("pause");
  const { ranMs } = await summaryOf(open);
  letTimePass(3_600_000);
  letGo();
  await slice;
  const paused = await summaryOf(open);
  expect(paused).toMatchObject({ status: "paused", succeeded: 2 });
  expect(paused.ranMs).toBe(ranMs);
  // Nothing wakes it before it expires.
  expect(await alarmOf(open.stub)).toBe(paused.expiresAt);
  await open.job.act("resume");
  await open.job.run();
  const ended = await summaryOf(open);
  expect(ended).toMatchObject({ status: "completed", succeeded: 12 });
  expect(ended.ranMs).toBeLessThan(60_000);
});

it("Running goes on with the resume, though the slice never ended", async ({ expect }) => {
  const { open, slice, letGo } = await inMidChunk();
  await open.job.act("pause");
  await open.job.act("resume");
  letTimePass(3_600_000);
  letGo();
  await slice;
  await open.job.run();
  const { status, ranMs } = await summaryOf(open);
  expect(status).toBe("completed");
  expect(ranMs).toBeGreaterThan(3_500_000);
});

it("A pause and the time before a retry do not count as running", async ({ expect }) => {
  fakeUpstreams(({ n }) => new Response("", { status: n === 0 ? 404 : 200 }));
  const open = await submitJob(urls(12), ONE_BY_ONE, 12);
  await open.job.run();
  expect(await summaryOf(open)).toMatchObject({ status: "completed", failed: 1 });
  letTimePass(3_600_000);
  await open.job.act("retry");
  await open.job.run();
  const { ranMs, startedAt, finishedAt } = await summaryOf(open);
  expect((finishedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThan(3_500_000);
  expect(ranMs).toBeLessThan(60_000);
});
