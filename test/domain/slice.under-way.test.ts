// A slice while a chunk is under way: what is seen of it, where it stops, and what goes on beside it.
import { describe, it } from "vitest";
import { NEVER_RUN, type Attempt, type Executor } from "../../src/domain/job";
import { runSlice } from "../../src/domain/slice";
import { DONE, failed, FakeJob } from "../support/fake-job";

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
  });

  it("does not hold up what is made due by hand", async ({ expect }) => {
    const { job, slow, slice } = besideSlow();
    await job.clock.advance(1000);
    const [, chunk] = [0, 1].map((first) => ({ first, items: [first], states: null }));
    if (chunk !== undefined) job.save(chunk, [NEVER_RUN]);
    job.bell.ring();
    await job.clock.advance(0);
    expect(job.runs).toEqual([[0], [1], [1], [1]]);
    slow.resolve(DONE);
    await slice;
  });
});
