// Slices of a job: what is run, what is left alone, and where they stop.
import fc from "fast-check";
import { describe, it } from "vitest";
import type { Attempt, Made } from "../../../src/domain/jobs/job";
import { runSlice } from "../../../src/domain/jobs/slice";
import { DONE, failed, FakeJob } from "../../support/fake-job";

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe("a slice", () => {
  it("runs every chunk once, in input order", async ({ expect }) => {
    const job = new FakeJob(25, ({ item }) => ({ status: "succeeded", output: item }));
    expect(await runSlice(job, job, job.limits())).toEqual({ failedChunks: 0 });
    expect(job.runs).toEqual([range(0, 10), range(10, 20), range(20, 25)]);
    expect(job.states).toEqual(
      range(0, 25).map((output) => ({ status: "succeeded", attempts: 1, output })),
    );
  });

  it("runs nothing again that is finished", async ({ expect }) => {
    const job = new FakeJob(10, ({ index }) => (index === 3 ? failed({ isFinal: true }) : DONE));
    await runSlice(job, job, job.limits());
    await runSlice(job, job, job.limits());
    expect(job.runs).toHaveLength(1);
    expect(job.states[3]).toEqual({
      status: "failed",
      attempts: 1,
      error: { code: "broken", detail: "It broke." },
    });
    expect(job.count("succeeded")).toBe(9);
  });

  it("gives each lane chunks of its own", async ({ expect }) => {
    const lanes = new Map<number, number[]>();
    const run = ({ index }: { index: number }, lane: number) => {
      lanes.set(lane, [...(lanes.get(lane) ?? []), index]);
      return DONE;
    };
    const job = new FakeJob(100, run, { chunkSize: 5, lanes: 4 });
    await runSlice(job, job, job.limits());
    expect(job.runs.flat().toSorted((a, b) => a - b)).toEqual(range(0, 100));
    expect([...lanes.keys()]).toEqual([0, 1, 2, 3]);
    expect(job.count("succeeded")).toBe(100);
  });

  it("lets others have their turn after every chunk", async ({ expect }) => {
    const job = new FakeJob(30, () => DONE);
    await runSlice(job, job, job.limits());
    expect(job.yields).toBe(3);
  });

  it("starts no chunk once its time is over", async ({ expect }) => {
    const job: FakeJob = new FakeJob(30, async ({ index }) => {
      if (index % 10 === 0) await job.clock.advance(600);
      return DONE;
    });
    await runSlice(job, job, job.limits({ maxMs: 1000 }));
    expect(job.count("succeeded")).toBe(20);
  });

  it("starts no more chunks than it may, over all lanes", async ({ expect }) => {
    const job = new FakeJob(100, () => DONE, { lanes: 3 });
    await runSlice(job, job, job.limits({ maxChunks: 4 }));
    expect(job.runs).toHaveLength(4);
  });

  it("starts nothing once the job is stopped, and keeps what was under way", async ({ expect }) => {
    let isRunning = true;
    const job = new FakeJob(30, () => {
      isRunning = false;
      return DONE;
    });
    await runSlice(job, job, job.limits({ isRunning: () => isRunning }));
    expect(job.count("succeeded")).toBe(10);
    expect(job.count("pending")).toBe(20);
  });
});

describe("an item that fails", () => {
  it("is run again after its delay, and alone", async ({ expect }) => {
    const job = new FakeJob(10, ({ index, attempts }) =>
      index === 4 && attempts < 2 ? failed() : DONE,
    );
    await runSlice(job, job, job.limits());
    expect(job.states[4]).toMatchObject({ status: "pending", attempts: 1 });
    await job.clock.advance(999);
    await runSlice(job, job, job.limits());
    expect(job.runs).toHaveLength(1);

    await job.clock.advance(1);
    await runSlice(job, job, job.limits());
    await job.clock.advance(2000);
    await runSlice(job, job, job.limits());
    expect(job.runs).toEqual([range(0, 10), [4], [4]]);
    expect(job.states[4]).toEqual({ status: "succeeded", attempts: 3, output: "done" });
  });

  it("has failed after its last attempt", async ({ expect }) => {
    const job = new FakeJob(1, () => failed(), { maxAttempts: 2 });
    for (const _ of [1, 2, 3]) {
      await runSlice(job, job, job.limits());
      await job.clock.advance(10_000);
    }
    expect(job.runs).toHaveLength(2);
    expect(job.states).toEqual([
      { status: "failed", attempts: 2, error: { code: "broken", detail: "It broke." } },
    ]);
  });

  it("is not run before the other side wants it", async ({ expect }) => {
    const job = new FakeJob(2, ({ index }) => failed({ retryAfterMs: index === 0 ? 60_000 : 1 }));
    await runSlice(job, job, job.limits());
    const now = job.clock.epochNow();
    expect(job.states).toMatchObject([{ dueAt: now + 60_000 }, { dueAt: now + 1000 }]);
  });

  it("is not run before its time because another of its chunk is due", async ({ expect }) => {
    const job = new FakeJob(2, ({ index }) => failed({ retryAfterMs: index === 0 ? 60_000 : 1 }));
    await runSlice(job, job, job.limits());
    await job.clock.advance(1000);
    await runSlice(job, job, job.limits());
    expect(job.runs).toEqual([[0, 1], [1]]);
    expect(job.states).toMatchObject([{ attempts: 1 }, { attempts: 2 }]);
  });
});

describe("an item that is put off", () => {
  it("is due as before, and no attempt is counted", async ({ expect }) => {
    let budget = 4;
    const job = new FakeJob(10, () => {
      budget -= 1;
      return budget >= 0 ? DONE : null;
    });
    const limits = job.limits({
      yieldToOthers: async () => {
        budget = 4;
      },
    });
    await runSlice(job, job, limits);
    expect(job.runs).toEqual([range(0, 10), range(4, 10), range(8, 10)]);
    expect(job.states.every(({ attempts }) => attempts === 1)).toBe(true);
  });
});

describe("a chunk that cannot be run", () => {
  it("does not hold up the others, and is left for a later slice", async ({ expect }) => {
    let isBroken = true;
    const job = new FakeJob(30, ({ index }) => {
      if (index === 12 && isBroken) throw new Error("poison");
      return DONE;
    });
    expect(await runSlice(job, job, job.limits())).toEqual({ failedChunks: 1 });
    expect(job.runs).toHaveLength(3);
    expect(job.count("succeeded")).toBe(20);
    expect(job.states[12]).toMatchObject({ status: "pending", attempts: 0 });

    isBroken = false;
    expect(await runSlice(job, job, job.limits())).toEqual({ failedChunks: 0 });
    expect(job.count("succeeded")).toBe(30);
  });

  it("leaves alone the items that it says nothing of", async ({ expect }) => {
    const job = new FakeJob(3, () => DONE);
    const executor = {
      lanes: 1,
      isPure: false,
      retryDelay: () => 0,
      runChunk: async (): Promise<Made> => [[0, DONE]],
    };
    await runSlice(job, executor, job.limits({ maxChunks: 1 }));
    expect(job.states.map(({ status }) => status)).toEqual(["succeeded", "pending", "pending"]);
  });
});

it("Every item ends exactly once, whatever its attempts come to", async () => {
  const outcome = fc.constantFrom<Attempt | null | "rejected">(
    DONE,
    failed(),
    failed({ isFinal: true }),
    failed({ retryAfterMs: 5000 }),
    null,
    "rejected",
  );
  const size = { chunkSize: fc.integer({ min: 1, max: 7 }), lanes: fc.integer({ min: 1, max: 4 }) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcome, { maxLength: 60 }),
      fc.integer({ min: 0, max: 25 }),
      fc.record(size),
      async (outcomes, items, sizes) => {
        const attempts = Array<number>(items).fill(0);
        // Attempts beyond the script succeed, so that the job ends.
        const script = outcomes.values();
        const run = ({ index }: { index: number }) => {
          const { done, value } = script.next();
          const next = done === true ? DONE : value;
          if (next === "rejected") throw new Error("rejected");
          if (next !== null) attempts[index] = (attempts[index] ?? 0) + 1;
          return next;
        };
        const job = new FakeJob(items, run, sizes);
        for (let slice = 0; slice < 200 && job.count("pending") > 0; slice += 1) {
          await runSlice(job, job, job.limits());
          await job.clock.advance(5000);
        }
        // An attempt whose chunk was rejected is not known of, so there may be more than were counted.
        return (
          job.count("pending") === 0 &&
          job.states.every(
            (state, index) =>
              state.attempts >= 1 && state.attempts <= Math.min(3, attempts[index] ?? 0),
          )
        );
      },
    ),
    { numRuns: 200 },
  );
});
