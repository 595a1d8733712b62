// Cancel, pause, resume, retry and remove, in every state and in the middle of a slice.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, it } from "vitest";
import type { BatchStatus } from "../../src/domain/batches/batch";
import { JOB_ACTIONS, type JobAction } from "../../src/domain/jobs/transitions";
import {
  alarmOf,
  DAY_MS,
  fakeUpstreams,
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

/** Lets the slices go on that a test has left in the middle. */
const left: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(left.splice(0).map((end) => end()));
  restoreWorld();
});

const CALLS = { operation: "external-api" };

/** Upstreams that hold their answers back until they are let go. Number 0 is a 404. */
function heldUpstreams() {
  const gate = Promise.withResolvers<void>();
  const sent = fakeUpstreams(async ({ n, count }) => {
    if (count > 12) await gate.promise;
    return n === 0 ? new Response("", { status: 404 }) : Response.json(n);
  });
  return { sent, letGo: gate.resolve };
}

/** A job in the middle of its second chunk of 12; the first is saved. */
async function inMidSlice() {
  const upstreams = heldUpstreams();
  const open = await submitJob(urls(48), CALLS, 12);
  const slice = open.job.run();
  left.push(() => {
    upstreams.letGo();
    return slice;
  });
  await waitFor(() => {
    if (upstreams.sent.mock.calls.length < 18) throw new Error("Not there yet");
  });
  // What has come back is saved within a second.
  await waitFor(async () => {
    const { succeeded, failed } = await summaryOf(open);
    if (succeeded + failed < 12) throw new Error("Not saved yet");
  });
  return { ...upstreams, open, slice };
}

const inStatus: Record<Exclude<BatchStatus, "scheduled">, () => Promise<OpenJob>> = {
  queued: () => submitJob(texts(10)),
  running: async () => (await inMidSlice()).open,
  paused: async () => {
    const open = await submitJob(texts(10));
    await open.job.act("pause");
    return open;
  },
  cancelled: async () => {
    const open = await submitJob(texts(10));
    await open.job.act("cancel");
    return open;
  },
  completed: async () => {
    const open = await submitJob([1, "a"]);
    await open.job.run();
    return open;
  },
};

/** Status of a job after each action, or null if the action is refused. */
const OUTCOMES: Record<keyof typeof inStatus, Record<JobAction, BatchStatus | null>> = {
  queued: { cancel: "cancelled", pause: "paused", resume: null, retry: null },
  running: { cancel: "cancelled", pause: "paused", resume: null, retry: null },
  paused: { cancel: "cancelled", pause: null, resume: "running", retry: null },
  cancelled: { cancel: null, pause: null, resume: null, retry: "running" },
  completed: { cancel: null, pause: null, resume: null, retry: "running" },
};

describe.each(Object.keys(inStatus) as (keyof typeof inStatus)[])("a job that is %s", (status) => {
  it.for(JOB_ACTIONS)("answers to %s", async (action, { expect }) => {
    const { job, stub } = await inStatus[status]();
    const outcome = OUTCOMES[status][action];
    const result = await job.act(action);
    expect(result).toMatchObject({
      isDone: outcome !== null,
      summary: { status: outcome ?? status },
    });
    expect(await alarmOf(stub)).not.toBeNull();
  });

  it("can be removed", async ({ expect }) => {
    const { job, stub } = await inStatus[status]();
    expect(await job.remove()).toBe(true);
    expect(await job.summary()).toBeNull();
    expect(await job.remove()).toBe(false);
    expect(await alarmOf(stub)).toBeNull();
  });
});

it.for(["resume", "retry"] as const)(
  "After %s the alarm is near, should nobody run the job",
  async (action, { expect }) => {
    const { job, stub } = await inStatus[action === "resume" ? "paused" : "completed"]();
    await job.act(action);
    expect(await alarmOf(stub)).toBeLessThan(Date.now() + 10_000);
  },
);

it("Where there is no job, nothing can be done", async ({ expect }) => {
  const { job } = await inStatus.completed();
  await job.remove();
  for (const action of JOB_ACTIONS) expect(await job.act(action)).toBeNull();
});

describe("in the middle of a slice", () => {
  it("cancel starts nothing more and keeps what is done, and what was under way", async ({
    expect,
  }) => {
    const { open, sent, letGo, slice } = await inMidSlice();
    await open.job.act("cancel");
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", succeeded: 11, failed: 1 });
    letGo();
    await slice;
    const started = sent.mock.calls.length;
    expect(started).toBe(18);
    const succeeded = started - 1;
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", succeeded, failed: 1 });
    await runDurableObjectAlarm(open.stub);
    expect(sent).toHaveBeenCalledTimes(started);
  });

  it("pause starts nothing more, and resume goes on where it stopped", async ({ expect }) => {
    const { open, sent, letGo, slice } = await inMidSlice();
    await open.job.act("pause");
    letGo();
    await slice;
    const started = sent.mock.calls.length;
    expect(started).toBe(18);
    await evictDurableObject(open.stub);
    await open.job.run();
    expect(sent).toHaveBeenCalledTimes(started);

    await open.job.act("resume");
    await runDurableObjectAlarm(open.stub);
    expect(sent).toHaveBeenCalledTimes(48);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 47, failed: 1 });
  });

  it("pause and resume in one breath lose nothing", async ({ expect }) => {
    const { open, sent, letGo, slice } = await inMidSlice();
    await open.job.act("pause");
    await open.job.act("resume");
    const joined = open.job.run();
    letGo();
    await Promise.all([slice, joined]);
    await open.job.run();
    expect(sent).toHaveBeenCalledTimes(48);
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 47, failed: 1 });
  });

  it("remove leaves nothing behind once the slice has ended", async ({ expect }) => {
    const { open, letGo, slice } = await inMidSlice();
    expect(await open.job.remove()).toBe(true);
    letGo();
    await expect(slice).resolves.toBeUndefined();
    const left = await runInDurableObject(open.stub, async (_, { storage }) => ({
      tables: storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'chunks'").toArray(),
      keys: [...storage.kv.list()],
      alarm: await storage.getAlarm(),
    }));
    expect(left).toEqual({ tables: [], keys: [], alarm: null });
  });
});

describe("pause", () => {
  it("before the start does not hide when the job started", async ({ expect }) => {
    const open = await inStatus.paused();
    expect(await summaryOf(open)).toMatchObject({ startedAt: null });
    await open.job.act("resume");
    await open.job.run();
    const { startedAt, finishedAt } = await summaryOf(open);
    expect(startedAt).toBeGreaterThan(0);
    expect(finishedAt).toBeGreaterThanOrEqual(startedAt ?? Infinity);
  });

  it("lasts as long as results are kept, and no longer", async ({ expect }) => {
    const open = await inStatus.paused();
    letTimePass(7 * DAY_MS - 60_000);
    await runDurableObjectAlarm(open.stub);
    expect(await summaryOf(open)).toMatchObject({ status: "paused" });
    letTimePass(61_000);
    await runDurableObjectAlarm(open.stub);
    expect(await open.job.summary()).toBeNull();
  });
});

describe("retry", () => {
  it("runs failed items again and no others, into the same results", async ({ expect }) => {
    let isDown = true;
    const sent = fakeUpstreams(({ n }) =>
      isDown && n % 5 === 0 ? new Response("", { status: 404 }) : Response.json(n),
    );
    const open = await submitJob(urls(20), CALLS, 12);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 16, failed: 4 });

    isDown = false;
    sent.mockClear();
    const result = await open.job.act("retry");
    expect(result?.summary).toMatchObject({
      status: "running",
      succeeded: 16,
      failed: 0,
      finishedAt: null,
    });
    await evictDurableObject(open.stub);
    await runDurableObjectAlarm(open.stub);
    expect(sent).toHaveBeenCalledTimes(4);
    const results = await resultsOf(open);
    expect(results.map(({ index, status }) => [index, status])).toEqual(
      urls(20).map((_, index) => [index, "succeeded"]),
    );
  });

  it("is refused where nothing has failed", async ({ expect }) => {
    const open = await submitJob(texts(3));
    await open.job.run();
    expect(await open.job.act("retry")).toMatchObject({
      isDone: false,
      summary: { status: "completed" },
    });
  });

  it("keeps its results for as long again", async ({ expect }) => {
    const open = await inStatus.completed();
    letTimePass(6 * DAY_MS);
    const retriedAt = Date.now();
    await open.job.act("retry");
    await open.job.run();
    const { finishedAt, expiresAt } = await summaryOf(open);
    expect(expiresAt).toBe((finishedAt ?? 0) + 7 * DAY_MS);
    expect(finishedAt).toBeGreaterThanOrEqual(retriedAt);
  });
});

describe("stop_after_failures", () => {
  const options = { concurrency: 6, max_attempts: 1, stop_after_failures: 3 };

  it("cancels a batch in which so many items have failed", async ({ expect }) => {
    withoutBackoff();
    const sent = fakeUpstreams(() => new Response("", { status: 503 }));
    const open = await submitJob(urls(60), { ...CALLS, options }, 12);
    await open.job.run();
    const { status, reason, failed, failedByCode } = await summaryOf(open);
    expect({ status, reason }).toEqual({ status: "cancelled", reason: "failures" });
    expect(failedByCode).toEqual({ "upstream-status": failed });
    // Those that were under way when the third failed come to their end.
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(failed).toBeLessThan(3 + 6);
    expect(sent).toHaveBeenCalledTimes(failed);
    expect(await alarmOf(open.stub)).toBeGreaterThan(Date.now() + 6 * DAY_MS);
  });

  it("starts no further item after the last that may fail, one at a time", async ({ expect }) => {
    const sent = fakeUpstreams(({ n }) => new Response("", { status: n % 2 === 0 ? 404 : 200 }));
    const alone = { ...options, concurrency: 1 };
    const open = await submitJob(urls(12), { ...CALLS, options: alone }, 12);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", succeeded: 2, failed: 3 });
    expect(sent).toHaveBeenCalledTimes(5);
  });

  it("counts what has failed beside a slow item, and shows it", async ({ expect }) => {
    const slow = Promise.withResolvers<void>();
    const sent = fakeUpstreams(async ({ n }) => {
      if (n === 0) await slow.promise;
      return new Response("", { status: n === 11 ? 404 : 200 });
    });
    const open = await submitJob(
      urls(24),
      { ...CALLS, options: { concurrency: 2, stop_after_failures: 1 } },
      12,
    );
    const slice = open.job.run();
    await waitFor(async () =>
      expect(await summaryOf(open)).toMatchObject({ succeeded: 10, failed: 1 }),
    );
    slow.resolve();
    await slice;
    expect(await summaryOf(open)).toMatchObject({ status: "cancelled", succeeded: 11, failed: 1 });
    expect(sent).toHaveBeenCalledTimes(12);
  });

  it("counts to the item where the work is pure", async ({ expect }) => {
    const open = await submitJob([...texts(100), ...Array(400).fill(1)], { options });
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({
      status: "cancelled",
      succeeded: 100,
      failed: 3,
    });
  });

  it("lets a batch complete that stays below", async ({ expect }) => {
    const items = [...texts(1000), 1, 2];
    const open = await submitJob(items, { options });
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({
      status: "completed",
      succeeded: 1000,
      failed: 2,
    });
  });
});
