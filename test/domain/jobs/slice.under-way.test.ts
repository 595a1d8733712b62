// A slice while a chunk is under way: what is seen of it, where it stops, and what goes on beside it.
import { describe, it } from "vitest";
import { NEVER_RUN, type Attempt, type Executor } from "../../../src/domain/jobs/job";
import { runSlice } from "../../../src/domain/jobs/slice";
import { DONE, failed, FakeJob } from "../../support/fake-job";

describe("a chunk under way", () => {
  /** Runs items one after another, a second each, and reports before each of them. */
  function slowly(job: FakeJob, made: number[], isPure = false): Executor {
    return {
      lanes: 1,
      isPure,
      retryDelay: () => null,
      runChunk: async (_, due, report) => {
        let news: [number, Attempt][] = [];
        for (const { index } of due) {
          const reported = news;
          news = [];
          if (!report(reported)) break;
          await job.clock.advance(1000);
          made.push(index);
          news.push([index, index % 2 === 0 ? DONE : failed({ isFinal: true })]);
        }
        return news;
      },
    };
  }

  it("shows what is made of it before it is done", async ({ expect }) => {
    const job = new FakeJob(4, () => DONE);
    const seen: number[] = [];
    const watch = () => {
      seen.push(job.count("pending"));
      return true;
    };
    await runSlice(job, slowly(job, []), job.limits({ isRunning: watch }));
    expect(seen).toEqual(expect.arrayContaining([4, 3, 2, 1, 0]));
    expect(job.saves).toBe(4);
  });

  it("shows what was made a second later at the latest, though no more is made", async ({
    expect,
  }) => {
    const job = new FakeJob(4, () => DONE);
    const end = Promise.withResolvers<void>();
    const executor: Executor = {
      lanes: 1,
      isPure: false,
      retryDelay: () => null,
      runChunk: async (_, __, report) => {
        for (const index of [0, 1, 2]) report([[index, DONE]]);
        await end.promise;
        return [[3, DONE]];
      },
    };
    const slice = runSlice(job, executor, job.limits());
    await job.clock.advance(999);
    expect(job.count("succeeded")).toBe(0);
    await job.clock.advance(1);
    expect(job.count("succeeded")).toBe(3);
    end.resolve();
    await slice;
    expect([job.count("succeeded"), job.saves]).toEqual([4, 2]);
    await job.clock.advance(5000);
    expect(job.saves).toBe(2);
  });

  it("is not shown where it would have to be split", async ({ expect }) => {
    const job = new FakeJob(4, () => DONE);
    job.isTooLarge = true;
    const isRunning = (unsaved: number) => job.count("failed") + unsaved < 2;
    await runSlice(job, slowly(job, []), job.limits({ isRunning }));
    expect(job.saves).toBe(1);
    expect(job.count("failed")).toBe(2);
  });

  it("starts no further item once the job is stopped, and keeps what was made", async ({
    expect,
  }) => {
    const job = new FakeJob(8, () => DONE);
    const made: number[] = [];
    const isRunning = () => made.length < 3;
    await runSlice(job, slowly(job, made), job.limits({ isRunning }));
    expect(made).toEqual([0, 1, 2]);
    expect(job.states.map(({ status }) => status).slice(0, 4)).toEqual([
      "succeeded",
      "failed",
      "succeeded",
      "pending",
    ]);
  });

  it("counts failures that are not saved yet", async ({ expect }) => {
    const job = new FakeJob(8, () => DONE);
    const made: number[] = [];
    const isRunning = (unsaved: number) => job.count("failed") + unsaved < 2;
    await runSlice(job, slowly(job, made), job.limits({ isRunning }));
    expect(made).toEqual([0, 1, 2, 3]);
    expect(job.count("failed")).toBe(2);
  });

  it("counts no failure twice once it is saved", async ({ expect }) => {
    const job = new FakeJob(8, () => DONE, { chunkSize: 4 });
    const made: number[] = [];
    const isRunning = (unsaved: number) => job.count("failed") + unsaved < 4;
    await runSlice(job, slowly(job, made), job.limits({ isRunning }));
    expect(made).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(job.count("failed")).toBe(4);
  });

  /** Reports after each of these pauses, and is done then: an item each, or nothing. */
  function reporting(job: FakeJob, pauses: readonly number[], news: boolean): Executor {
    return {
      lanes: 1,
      isPure: false,
      retryDelay: () => null,
      runChunk: async (_, [first, ...due], report) => {
        await job.clock.advance(1000);
        report(first === undefined ? [] : [[first.index, DONE]]);
        for (const [at, ms] of pauses.entries()) {
          await job.clock.advance(ms);
          const item = news ? due[at] : undefined;
          report(item === undefined ? [] : [[item.index, DONE]]);
        }
        return due.slice(news ? pauses.length : 0).map(({ index }) => [index, DONE]);
      },
    };
  }

  it("is saved once a second, however often it reports", async ({ expect }) => {
    const job = new FakeJob(12, () => DONE, { chunkSize: 12 });
    await runSlice(job, reporting(job, Array<number>(10).fill(100), true), job.limits());
    // At 1 s, at 2 s, and at its end.
    expect(job.saves).toBe(3);
    expect(job.count("succeeded")).toBe(12);
  });

  it("is not saved again where nothing is new", async ({ expect }) => {
    const job = new FakeJob(4, () => DONE);
    await runSlice(job, reporting(job, [1000, 1000, 1000], false), job.limits());
    expect(job.saves).toBe(2);
    expect(job.count("succeeded")).toBe(4);
  });

  it("of pure work counts nothing that came after the end", async ({ expect }) => {
    const job = new FakeJob(10, ({ index }) => (index < 2 ? DONE : failed({ isFinal: true })));
    job.isPure = true;
    const isRunning = (unsaved: number) => job.count("failed") + unsaved < 3;
    await runSlice(job, job, job.limits({ isRunning }));
    expect(job.states.map(({ status }) => status)).toEqual([
      "succeeded",
      "succeeded",
      "failed",
      "failed",
      "failed",
      ...Array<string>(5).fill("pending"),
    ]);
  });

  it("keeps what it has reported, though it cannot be run to its end", async ({ expect }) => {
    const job = new FakeJob(4, () => DONE);
    const executor: Executor = {
      lanes: 1,
      isPure: false,
      retryDelay: () => null,
      runChunk: async (_, __, report) => {
        report([[0, DONE]]);
        throw new Error("cut off");
      },
    };
    expect(await runSlice(job, executor, job.limits())).toEqual({ failedChunks: 1 });
    expect(job.states.map(({ status }) => status)).toEqual([
      "succeeded",
      "pending",
      "pending",
      "pending",
    ]);
  });
});

describe("a call under way", () => {
  /** Two lanes over calls of a second each, and one, the first, that takes until it is released. */
  function beside(items: number) {
    const slow = Promise.withResolvers<Attempt>();
    const job: FakeJob = new FakeJob(
      items,
      async ({ index }) => {
        if (index === 0) return slow.promise;
        await job.clock.sleep(1000, new AbortController().signal);
        return DONE;
      },
      { chunkSize: 1, lanes: 2 },
    );
    return { job, slow };
  }

  it("holds up no other past the end of the slice, for five minutes", async ({ expect }) => {
    const { job, slow } = beside(400);
    const slice = runSlice(job, job, job.limits({ maxMs: 5000 }));
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) await job.clock.advance(1000);
    };
    await pass(10);
    expect(job.count("succeeded")).toBe(10);
    await pass(320);
    expect(job.count("succeeded")).toBe(305);
    slow.resolve(DONE);
    expect(await slice).toEqual({ failedChunks: 0 });
    expect(job.count("succeeded")).toBe(306);
  });

  it("holds up no other once a paused job is resumed", async ({ expect }) => {
    const { job, slow } = beside(4);
    let isRunning = true;
    const slice = runSlice(job, job, job.limits({ isRunning: () => isRunning }));
    await job.clock.advance(0);
    isRunning = false;
    await job.clock.advance(10_000);
    expect(job.count("succeeded")).toBe(1);
    isRunning = true;
    job.wakeUp.notifyAll();
    for (let second = 0; second < 3; second += 1) await job.clock.advance(1000);
    expect(job.count("succeeded")).toBe(3);
    slow.resolve(DONE);
    await slice;
    expect(job.count("succeeded")).toBe(4);
  });
});

describe("a slow chunk", () => {
  /** Two lanes: item 0 takes until it is released, the others fail once and then succeed. */
  function besideSlow() {
    const slow = Promise.withResolvers<Attempt>();
    const job = new FakeJob(
      2,
      ({ index, attempts }) => (index === 0 ? slow.promise : attempts === 0 ? failed() : DONE),
      { chunkSize: 1, lanes: 2 },
    );
    return { job, slow, slice: runSlice(job, job, job.limits()) };
  }

  it("does not hold up what becomes due beside it", async ({ expect }) => {
    const { job, slow, slice } = besideSlow();
    await job.clock.advance(999);
    expect(job.runs).toEqual([[0], [1]]);
    await job.clock.advance(1);
    expect(job.runs).toEqual([[0], [1], [1]]);
    expect(job.states[1]).toMatchObject({ status: "succeeded", attempts: 2 });
    slow.resolve(DONE);
    expect(await slice).toEqual({ failedChunks: 0 });
    expect(job.count("succeeded")).toBe(2);
    // Whoever waited for it waits no more.
    expect(job.clock.pending).toBe(0);
  });

  it("does not hold up what is made due by hand", async ({ expect }) => {
    const { job, slow, slice } = besideSlow();
    await job.clock.advance(1000);
    const [, chunk] = [0, 1].map((first) => ({ first, items: [first], states: null }));
    if (chunk !== undefined) job.save(chunk, [NEVER_RUN]);
    job.wakeUp.notifyAll();
    await job.clock.advance(0);
    expect(job.runs).toEqual([[0], [1], [1], [1]]);
    slow.resolve(DONE);
    await slice;
  });
});
