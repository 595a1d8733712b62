// A job's rows: what they hold, and how few of them are touched.
import { runInDurableObject } from "cloudflare:test";
import { describe, it } from "vitest";
import { MAX_RESULT_BYTES, type Chunk, type ItemState } from "../../src/domain/jobs/job";
import { createJob } from "../../src/domain/jobs/decision";
import { JobStore } from "../../src/storage/job-store";
import { batchWork, chunksOf, jobObject, texts } from "../support/jobs";
import { resultsIn, type ResultsQuery } from "../../src/domain/batches/results";
import { outputOf } from "../support/results";

const ERROR = { code: "broken", detail: "It broke." };
const ok = (output: unknown): ItemState => ({ status: "succeeded", attempts: 1, output });
const bad: ItemState = { status: "failed", attempts: 3, error: ERROR };
const later = (at: number): ItemState => ({
  status: "pending",
  attempts: 1,
  dueAt: at,
  error: ERROR,
});

/** Runs a test on the store of an object of its own, with these items in chunks of 10. */
function withStore(
  items: readonly unknown[],
  test: (store: JobStore, storage: DurableObjectStorage) => void,
): Promise<void> {
  return runInDurableObject(jobObject(crypto.randomUUID()), (_, { storage }) => {
    const store = new JobStore(storage);
    store.append(chunksOf(items, 10));
    const parts = { total: items.length, retentionMs: 0, startAt: null };
    store.job = createJob(batchWork(), parts, 0).record;
    test(store, storage);
  });
}

/** Saves the first unfinished chunk with a state for each of its items. */
function finish(store: JobStore, stateOf: (index: number) => ItemState, now = 1000): Chunk {
  const [first] = store.unfinished();
  if (first === undefined) throw new Error("Nothing is left");
  const chunk = store.load(first);
  store.save(
    chunk,
    chunk.items.map((_, at) => stateOf(first + at)),
    now,
  );
  return chunk;
}

/** A page of results, read from its lines. */
function pageOf(store: JobStore, query: ResultsQuery) {
  const { lines, next } = store.results(query);
  return { results: resultsIn(lines), next };
}

describe("chunks", () => {
  it("come out as they went in, in order", ({ expect }) =>
    withStore(texts(25), (store) => {
      expect(store.unfinished()).toEqual([0, 10, 20]);
      expect(store.load(0)).toEqual({ first: 0, items: texts(10), states: null });
      expect(store.load(20).items).toEqual(texts(25).slice(20));
    }));

  it("are kept once, however often they are sent", ({ expect }) =>
    withStore(texts(10), (store) => {
      store.append(chunksOf(texts(20), 10));
      store.append(chunksOf(texts(30), 10).slice(1));
      expect(store.unfinished()).toEqual([0, 10, 20]);
      expect(store.load(10).items).toEqual(texts(20).slice(10));
    }));

  it("are unfinished while an item is pending, and keep the others' states", ({ expect }) =>
    withStore(texts(20), (store) => {
      finish(store, (index) => (index === 3 ? later(5000) : ok(index)));
      finish(store, (index) => (index === 3 ? ok(3) : ok(index)));
      expect(store.unfinished()).toEqual([10]);
      finish(store, (index) => (index % 2 === 0 ? ok(index) : bad));
      expect(store.unfinished()).toEqual([]);
    }));
});

describe("counts", () => {
  it("follow what is saved, and are the same counted anew", ({ expect }) =>
    withStore(texts(30), (store, storage) => {
      const none = { succeeded: 0, failed: 0, failedByCode: {}, lastResultAt: null };
      expect(store.counts()).toEqual(none);
      finish(store, ok, 1000);
      finish(store, (index) => (index < 15 ? bad : later(5000)), 2000);
      const expected = {
        succeeded: 10,
        failed: 5,
        failedByCode: { broken: 5 },
        lastResultAt: 2000,
      };
      expect(store.counts()).toEqual(expected);
      expect(new JobStore(storage).counts()).toEqual(expected);

      finish(store, (index) => (index < 15 ? bad : ok(1)), 6000);
      expect(store.counts()).toMatchObject({ succeeded: 15, failed: 5, lastResultAt: 6000 });
      expect(new JobStore(storage).counts()).toEqual(store.counts());
    }));
});

describe("results", () => {
  it("are those of finished items, in input order, page by page", ({ expect }) =>
    withStore(texts(30), (store) => {
      finish(store, (index) => (index === 15 ? bad : ok(index)));
      finish(store, (index) => (index === 14 ? later(9000) : index === 15 ? bad : ok(index)));
      const first = pageOf(store, { isWhole: true, from: 0, limit: 12, only: null });
      expect(first.results.map(({ index }) => index)).toEqual(texts(12).map((_, index) => index));
      expect(first.next).toBe(12);
      const second = pageOf(store, { isWhole: true, from: 12, limit: 100, only: null });
      expect(second.results.map(({ index }) => index)).toEqual([12, 13, 15, 16, 17, 18, 19]);
      expect(second.results[2]).toEqual({ index: 15, status: "failed", attempts: 3, error: ERROR });
      expect(second.next).toBeNull();
      expect(pageOf(store, { isWhole: true, from: 20, limit: 100, only: null })).toEqual({
        results: [],
        next: null,
      });
    }));

  it("can be those of one kind only", ({ expect }) =>
    withStore(texts(30), (store) => {
      for (const _ of [1, 2, 3]) finish(store, (index) => (index % 7 === 0 ? bad : ok(index)));
      const failed = pageOf(store, { isWhole: true, from: 0, limit: 3, only: "failed" });
      expect(failed.results.map(({ index }) => index)).toEqual([0, 7, 14]);
      expect(failed.next).toBe(21);
      expect(
        pageOf(store, { isWhole: true, from: 21, limit: 3, only: "failed" }).results.map(
          ({ index }) => index,
        ),
      ).toEqual([21, 28]);
      expect(
        pageOf(store, { isWhole: true, from: 0, limit: 100, only: "succeeded" }).results,
      ).toHaveLength(25);
    }));

  it("come in smaller pages where they are large", ({ expect }) =>
    withStore(texts(30), (store) => {
      while (store.unfinished().length > 0) finish(store, () => ok("x".repeat(1_000_000)));
      const seen: number[] = [];
      let pages = 0;
      for (let from: number | null = 0; from !== null; pages += 1) {
        const page = pageOf(store, { isWhole: true, from, limit: 1000, only: null });
        expect(page.results.length).toBeLessThan(15);
        seen.push(...page.results.map(({ index }) => index));
        from = page.next;
      }
      expect(pages).toBeGreaterThan(2);
      expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => index));
    }));
});

describe("large results", () => {
  const largestRow = (storage: DurableObjectStorage) =>
    Math.max(
      ...["SELECT states AS text FROM progress", "SELECT state AS text FROM outputs"].flatMap(
        (query) =>
          storage.sql
            .exec<{ text: string }>(query)
            .toArray()
            .map(({ text }) => new TextEncoder().encode(text).length),
      ),
    );

  it("have rows of their own that the platform takes, and are written once", ({ expect }) =>
    withStore(texts(10), (store, storage) => {
      const output = (index: number) => "€".repeat(500_000 + index);
      const chunk = store.load(0);
      const states = chunk.items.map((_, index) => (index === 9 ? later(1) : ok(output(index))));
      const kept = store.save(chunk, states, 1000);
      expect(kept.slice(0, 9).every(({ status }) => status === "kept")).toBe(true);
      expect(largestRow(storage)).toBeLessThan(2_000_000);
      expect(store.counts()).toMatchObject({ succeeded: 9, failed: 0 });
      expect(store.largeBytes).toBeGreaterThan(9 * 1_500_000);
      store.save(chunk, [...kept.slice(0, 9), ok("small")], 2000);
      expect(store.largeBytes).toBeLessThan(10 * 1_500_000);
      expect(new JobStore(storage).largeBytes).toBe(store.largeBytes);
      const results = [0, 3, 6, 9].flatMap(
        (from) => pageOf(store, { isWhole: true, from, limit: 3, only: null }).results,
      );
      expect(results.map(outputOf)).toEqual([
        ...Array.from({ length: 9 }, (_, index) => output(index)),
        "small",
      ]);
    }));

  it("that fill a row one by one still fit together", ({ expect }) =>
    withStore(texts(10), (store, storage) => {
      finish(store, (index) => (index % 2 === 0 ? ok("x".repeat(MAX_RESULT_BYTES - 60)) : bad));
      expect(largestRow(storage)).toBeLessThan(2_000_000);
      expect(store.counts()).toMatchObject({ succeeded: 5, failed: 5 });
      expect(pageOf(store, { isWhole: true, from: 4, limit: 1, only: null }).results).toMatchObject(
        [{ status: "succeeded", index: 4 }],
      );
    }));

  it("of middling size are moved until the rest fits", ({ expect }) =>
    runInDurableObject(jobObject(crypto.randomUUID()), (_, { storage }) => {
      const store = new JobStore(storage);
      store.append(chunksOf(texts(1000), 1000));
      store.job = createJob(batchWork(), { total: 1000, retentionMs: 0, startAt: null }, 0).record;
      finish(store, (index) => ok("€".repeat(2000 + index)));
      expect(largestRow(storage)).toBeLessThan(2_000_000);
      expect(store.counts().succeeded).toBe(1000);
      const { results } = pageOf(store, { isWhole: true, from: 500, limit: 1, only: null });
      expect(results.map(outputOf)).toEqual([expect.stringMatching(/^.{2500}$/)]);
    }));
});

describe("restart", () => {
  it("gives the chosen failed items back and leaves the others", ({ expect }) =>
    withStore(texts(30), (store) => {
      const large: ItemState = {
        status: "failed",
        attempts: 1,
        error: { code: "large", detail: "x".repeat(20_000) },
      };
      const states: Record<number, ItemState> = { 12: bad, 13: large, 25: bad };
      for (const _ of [1, 2, 3]) finish(store, (index) => states[index] ?? ok(index));
      const ids = new Set([11, 12, 13]);
      expect(store.restart({ isChosen: (code) => code !== null, ids, run: 2 }, 2000)).toBe(2);
      expect(store.counts()).toMatchObject({
        succeeded: 27,
        failed: 1,
        failedByCode: { broken: 1 },
      });
      expect(store.unfinished()).toEqual([10]);
      const pending = store.load(10).states?.map(({ status }) => status);
      expect(pending?.slice(0, 5)).toEqual([
        "succeeded",
        "succeeded",
        "pending",
        "pending",
        "succeeded",
      ]);
    }));

  it("changes all or nothing", ({ expect }) =>
    withStore(texts(30), (store) => {
      for (const _ of [1, 2, 3]) finish(store, () => bad);
      let seen = 0;
      const breakLater = () => {
        seen += 1;
        if (seen > 15) throw new Error("in the middle");
        return true;
      };
      const choice = { isChosen: breakLater, ids: null, run: 2 };
      expect(() => store.restart(choice, 2000)).toThrow("in the middle");
      expect(store.counts().failed).toBe(30);
    }));
});

describe("giveUp", () => {
  it("fails what is pending, in all chunks or in the first", ({ expect }) =>
    withStore(texts(30), (store) => {
      finish(store, (index) => (index < 5 ? ok(index) : later(9)));
      store.giveUp(ERROR, 2000, true);
      expect(store.counts()).toMatchObject({ succeeded: 5, failed: 5 });
      expect(store.unfinished()).toEqual([10, 20]);
      store.giveUp(ERROR, 2000);
      expect(store.counts()).toMatchObject({ succeeded: 5, failed: 25 });
    }));
});

it("A chunk whose job was removed meanwhile is not saved", ({ expect }) =>
  runInDurableObject(jobObject(crypto.randomUUID()), async (_, { storage }) => {
    const store = new JobStore(storage);
    store.append(chunksOf(texts(10), 10));
    const chunk = store.load(0);
    await storage.deleteAll();
    store.forget();
    store.save(chunk, chunk.items.map(ok), 1000);
    expect(
      storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'chunks'").toArray(),
    ).toEqual([]);
  }));

it("A job that version 0.2 stored is read, with its results and what it had still to do", ({
  expect,
}) =>
  runInDurableObject(jobObject(crypto.randomUUID()), (_, { storage }) => {
    storage.sql.exec(`
      CREATE TABLE chunks (first INTEGER PRIMARY KEY, size INTEGER NOT NULL, due_at INTEGER,
        succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, saved_at INTEGER,
        items TEXT NOT NULL, states TEXT);
      CREATE INDEX due ON chunks (due_at) WHERE due_at IS NOT NULL`);
    const states = JSON.stringify([ok("A"), bad, later(5)]);
    storage.sql.exec(
      "INSERT INTO chunks VALUES (0, 3, 5, 1, 1, 77, ?, ?)",
      JSON.stringify(["a", "b", "c"]),
      states,
    );
    storage.sql.exec("INSERT INTO chunks VALUES (3, 1, 0, 0, 0, NULL, ?, NULL)", '["d"]');
    const { timeout_s: _timeout, ...options } = { concurrency: 6, timeout_s: 1 };
    storage.kv.put("job", {
      status: "running",
      work: { ...batchWork(), options },
      total: 4,
      startedAt: 1,
      finishedAt: null,
      ranMs: 10,
      runningSince: 1,
      expiresAt: 99,
      retentionMs: 98,
      slice: { done: 2, stuck: 0 },
    });
    const store = new JobStore(storage);
    expect(store.job).toMatchObject({ version: 2, status: "running", reason: null, run: 1 });
    expect(store.unfinished()).toEqual([0, 3]);
    expect(store.load(0).states).toHaveLength(3);
    expect(store.counts()).toMatchObject({ succeeded: 1, failed: 1, lastResultAt: 77 });
    expect(
      pageOf(store, { isWhole: true, from: 0, limit: 10, only: null }).results.map(
        ({ status }) => status,
      ),
    ).toEqual(["succeeded", "failed"]);
    expect(new JobStore(storage).job).toEqual(store.job);
  }));
