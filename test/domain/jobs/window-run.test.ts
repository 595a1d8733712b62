// The window on a clock moved by hand: how many items are in flight, how long that takes, and what is kept of it.
import { describe, it } from "vitest";
import { FakeRun, OK, optimum, type Answer } from "../../support/fake-lanes";
import { MemoryChunks } from "../../support/memory-chunks";

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const SLOW_EVERY_TWELFTH = (n: number) => (n % 12 === 11 ? 4000 : 50);
const FAILED = { status: "failed", error: { code: "broken", detail: "It broke." } } as const;

describe.each([1, 5, 6, 7, 20, 48])("%i items in flight", (concurrency) => {
  it("are so many at every moment while any are left", async ({ expect }) => {
    const items = numbers(10 * concurrency + 3);
    const run = new FakeRun({
      store: new MemoryChunks(items),
      bounds: { concurrency },
      answer: ({ index }) => ({ ms: 20 + (index % 7) * 10, attempt: OK }),
    }).start();
    await run.untilRest();
    expect(run.rest).toMatchObject({ nextAt: null });
    const afterFirst = run.sent.slice(concurrency - 1);
    expect(new Set(afterFirst.map(({ inFlight }) => inFlight))).toEqual(new Set([concurrency]));
    expect(Math.max(...run.sessions.map(({ most }) => most))).toBeLessThanOrEqual(6);
    expect(new Set(run.sessions.map(({ lane }) => lane)).size).toBe(Math.ceil(concurrency / 6));
  });

  it("are held up by no slow one", async ({ expect }) => {
    const durations = numbers(240).map(SLOW_EVERY_TWELFTH);
    const run = new FakeRun({
      store: new MemoryChunks(numbers(240)),
      bounds: { concurrency },
      answer: ({ index }) => ({ ms: SLOW_EVERY_TWELFTH(index), attempt: OK }),
    }).start();
    const ms = await run.untilRest();
    expect(ms).toBeLessThanOrEqual(1.01 * optimum(durations, concurrency) + 10);
  });
});

it("An invocation sends no more requests than it may, and the next takes over without a gap", async ({
  expect,
}) => {
  const run = new FakeRun({
    store: new MemoryChunks(numbers(300)),
    answer: () => ({ ms: 100, attempt: OK, requests: 3 }),
  }).start();
  const ms = await run.untilRest();
  expect(ms).toBeLessThanOrEqual(5010);
  expect(Math.max(...run.sessions.map(({ requests }) => requests))).toBeLessThanOrEqual(45);
  expect(run.sessions.length).toBeLessThan(300 / 8);
  expect(run.sessions.filter(({ closedAt }) => closedAt === Infinity)).toEqual([]);
});

it("What was cut off by the limit of its invocation is sent again, and counts once", async ({
  expect,
}) => {
  const seen = new Set<number>();
  const store = new MemoryChunks(numbers(60));
  const run = new FakeRun({
    store,
    answer: ({ index }): Answer => {
      const isCut = index === 30 && !seen.has(index);
      seen.add(index);
      // A lane says so by an outcome without an attempt.
      return { ms: 10, attempt: (isCut ? null : OK) as typeof OK };
    },
  }).start();
  await run.untilRest();
  expect(store.counts().succeeded).toBe(60);
  expect(store.states[30]).toMatchObject({ attempts: 1 });
});

it("The number in flight follows the options while it runs", async ({ expect }) => {
  const run = new FakeRun({
    store: new MemoryChunks(numbers(200)),
    bounds: { concurrency: 2 },
    answer: () => ({ ms: 100, attempt: OK }),
  }).start();
  await run.clock.advance(1000);
  expect(run.inFlight).toBe(2);
  run.bounds.concurrency = 20;
  run.run.wake();
  await run.clock.advance(50);
  expect(run.inFlight).toBe(20);
  run.bounds.concurrency = 3;
  await run.clock.advance(200);
  expect(run.inFlight).toBe(3);
  await run.untilRest();
  expect(run.rest).toMatchObject({ nextAt: null });
});

it("A rate spaces the starts evenly, whatever the number in flight", async ({ expect }) => {
  const run = new FakeRun({
    store: new MemoryChunks(numbers(100)),
    bounds: { concurrency: 48, intervalMs: 100 },
    answer: () => ({ ms: 250, attempt: OK }),
  }).start();
  await run.untilRest();
  const gaps = run.sent.slice(1).map(({ at }, n) => at - (run.sent[n]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  expect(run.sent.at(-1)?.at).toBeLessThanOrEqual(9910);
});

it("Failures stop it at the window: nothing further is started", async ({ expect }) => {
  const run = new FakeRun({
    store: new MemoryChunks(numbers(100)),
    plan: () => ({ maxAttempts: 1 }),
    answer: () => {
      run.bounds.mayStart = run.sent.length < 6;
      return { ms: 100, attempt: FAILED };
    },
  }).start();
  await run.untilRest();
  expect(run.sent).toHaveLength(6);
  expect(run.rest?.nextAt).not.toBeNull();
});

describe("results", () => {
  it("are saved each second, and with the last one", async ({ expect }) => {
    const store = new MemoryChunks(numbers(100));
    const run = new FakeRun({ store, answer: () => ({ ms: 400, attempt: OK }) }).start();
    await run.clock.advance(1500);
    expect(store.counts().succeeded).toBeGreaterThanOrEqual(12);
    await run.untilRest();
    expect(store.counts().succeeded).toBe(100);
    expect(store.saves).toBeLessThanOrEqual(8);
  });

  it("are kept while the storage refuses writes, and nothing is started meanwhile", async ({
    expect,
  }) => {
    const store = new MemoryChunks(numbers(30));
    const run = new FakeRun({ store, answer: () => ({ ms: 400, attempt: OK }) }).start();
    await run.clock.advance(500);
    store.isRefusing = true;
    await run.clock.advance(5000);
    const { length } = run.sent;
    await run.clock.advance(3_600_000);
    expect(run.sent).toHaveLength(length);
    expect(run.rest).toBeNull();
    store.isRefusing = false;
    await run.untilRest();
    expect(store.counts().succeeded).toBe(30);
    expect(run.sent).toHaveLength(30);
  });
});

describe("items that must not be sent twice unknowingly", () => {
  const once = () => ({ isOnce: true, maxAttempts: 1 });

  it("are marked before they are sent", async ({ expect }) => {
    const store = new MemoryChunks(numbers(20));
    const run = new FakeRun({
      store,
      plan: once,
      answer: ({ index }) => {
        expect(store.flight?.started.map(([each]) => each)).toContain(index);
        return { ms: 100, attempt: OK };
      },
    }).start();
    await run.untilRest();
    expect(store.counts().succeeded).toBe(20);
    expect(store.flight).toBeNull();
  });

  it("are not sent while their marks cannot be kept", async ({ expect }) => {
    const store = new MemoryChunks(numbers(20));
    store.isRefusing = true;
    const run = new FakeRun({ store, plan: once, answer: () => ({ ms: 100, attempt: OK }) });
    run.start();
    await run.clock.advance(10_000);
    expect(run.sent).toEqual([]);
    store.isRefusing = false;
    await run.untilRest();
    expect(run.sent).toHaveLength(20);
  });

  it("are interrupted by a crash if no answer came, and keep an answer that came", async ({
    expect,
  }) => {
    const store = new MemoryChunks(numbers(20));
    const crashing = new FakeRun({
      store,
      plan: once,
      bounds: { concurrency: 3 },
      answer: ({ index }) => ({ ms: index < 3 ? 100 : 10_000, attempt: OK }),
    }).start();
    await crashing.clock.advance(500);
    expect(crashing.sent).toHaveLength(6);
    const after = new FakeRun({ store, plan: once, answer: () => ({ ms: 10, attempt: OK }) });
    after.start();
    await after.untilRest();
    expect(after.sent.map(({ index }) => index)).toEqual(numbers(20).slice(6));
    const codes = store.states.map((state) => (state.status === "failed" ? state.error.code : 0));
    expect(codes).toEqual([0, 0, 0, ...Array(3).fill("interrupted"), ...Array(14).fill(0)]);
    expect(store.states.every((state) => state.status !== "pending" && state.attempts === 1)).toBe(
      true,
    );
  });

  it("are sent again after a crash where a further attempt is allowed, and tell both", async ({
    expect,
  }) => {
    const store = new MemoryChunks(numbers(1));
    const twice = () => ({ isOnce: true, maxAttempts: 2 });
    const crashing = new FakeRun({ store, plan: twice, answer: () => ({ ms: 1e6, attempt: OK }) });
    crashing.start();
    await crashing.clock.advance(100);
    const after = new FakeRun({ store, plan: twice, answer: () => ({ ms: 10, attempt: OK }) });
    after.start();
    await after.untilRest();
    expect(store.states).toEqual([{ status: "succeeded", attempts: 2, output: null }]);
  });
});

describe("a lane that cannot be reached", () => {
  it("costs no attempt, and is tried again later by another invocation", async ({ expect }) => {
    const store = new MemoryChunks(numbers(10));
    const open = async () => {
      throw new Error("Overloaded");
    };
    const run = new FakeRun({ store, answer: () => ({ ms: 1, attempt: OK }), opener: { open } });
    run.start();
    await run.untilRest();
    expect(run.rest).toMatchObject({ hasOutage: true });
    expect(store.states.every(({ attempts }) => attempts === 0)).toBe(true);
  });

  it("is none that breaks: what it was sent may have been done", async ({ expect }) => {
    const store = new MemoryChunks(numbers(2));
    const run = new FakeRun({
      store,
      plan: (item) => ({ isOnce: item === 1, maxAttempts: 1 }),
      answer: () => {
        throw new Error("Durable Object reset because its code was updated.");
      },
    }).start();
    await run.untilRest();
    expect(store.states).toMatchObject([
      { status: "pending", attempts: 0 },
      { status: "failed", attempts: 1, error: { code: "interrupted" } },
    ]);
  });
});
