// A job's rows: what they hold, and how few of them are touched.
import { runInDurableObject } from "cloudflare:test";
import { describe, it } from "vitest";
import {
  giveUp,
  MAX_RESULT_BYTES,
  NEVER_RUN,
  reset,
  type Chunk,
  type ItemState,
} from "../../src/domain/jobs/job";
import { JobStore } from "../../src/storage/job-store";
import { batchWork, chunksOf, jobObject, texts } from "../support/jobs";

const NOTHING_TAKEN = new Set<number>();
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
    store.job = {
      status: "running",
      work: batchWork(),
      total: items.length,
      startedAt: 0,
      finishedAt: null,
      ranMs: 0,
      runningSince: null,
      expiresAt: 0,
      retentionMs: 0,
    };
    test(store, storage);
  });
}

function take(store: JobStore, taken: ReadonlySet<number> = NOTHING_TAKEN, now = 1000): Chunk {
  const chunk = store.nextDue(now, taken);
  if (chunk === null) throw new Error("Nothing is due");
  return chunk;
}

/** Saves a chunk with a state for each of its items. */
function finish(store: JobStore, stateOf: (index: number) => ItemState, now = 1000): Chunk {
  const chunk = take(store);
  store.save(
    chunk,
    chunk.items.map((_, at) => stateOf(chunk.first + at)),
    now,
  );
  return chunk;
}

describe("chunks", () => {
  it("come out as they went in, in order", ({ expect }) =>
    withStore(texts(25), (store) => {
      expect(take(store)).toEqual({ first: 0, items: texts(10), states: null });
      expect(take(store, new Set([0])).first).toBe(10);
      expect(take(store, new Set([0, 10])).items).toEqual([
        "item 20",
        "item 21",
        "item 22",
        "item 23",
        "item 24",
      ]);
      expect(store.nextDue(1000, new Set([0, 10, 20]))).toBeNull();
    }));

  it("are kept once, however often they are sent", ({ expect }) =>
    withStore(texts(10), (store) => {
      finish(store, ok);
      store.append(chunksOf(texts(20), 10));
      expect(store.counts().succeeded).toBe(10);
      expect(take(store).first).toBe(10);
    }));

  it("are due when their first item is", ({ expect }) =>
    withStore(texts(10), (store) => {
      finish(store, (index) => (index === 3 ? later(5000) : index === 4 ? later(7000) : ok(index)));
      expect(store.nextDueAt()).toBe(5000);
      expect(store.nextDue(4999, NOTHING_TAKEN)).toBeNull();
      expect(take(store, NOTHING_TAKEN, 5000).states?.[3]).toEqual(later(5000));
    }));

  it("that are taken are not waited for", ({ expect }) =>
    withStore(texts(20), (store) => {
      finish(store, () => later(5000));
      expect(store.nextDueAt()).toBe(0);
      expect(store.nextDueAt(new Set([10]))).toBe(5000);
      expect(store.nextDueAt(new Set([0, 10]))).toBeNull();
    }));

  it("that wait come after those that were never run", ({ expect }) =>
    withStore(texts(20), (store) => {
      finish(store, () => later(10));
      expect(take(store).first).toBe(10);
    }));

  it("are due no more once all is finished", ({ expect }) =>
    withStore(texts(10), (store) => {
      finish(store, (index) => (index % 2 === 0 ? ok(index) : bad));
      expect(store.nextDueAt()).toBeNull();
      expect(store.nextDue(Number.MAX_SAFE_INTEGER, NOTHING_TAKEN)).toBeNull();
    }));
});

describe("counts", () => {
  it("follow what is saved, and are the same counted anew", ({ expect }) =>
    withStore(texts(30), (store, storage) => {
      expect(store.counts()).toEqual({ succeeded: 0, failed: 0, lastResultAt: null });
      finish(store, ok, 1000);
      finish(store, (index) => (index < 15 ? bad : later(5000)), 2000);
      const expected = { succeeded: 10, failed: 5, lastResultAt: 2000 };
      expect(store.counts()).toEqual(expected);
      expect(new JobStore(storage).counts()).toEqual(expected);

      const waiting = take(store, new Set([20]), 5000);
      store.save(
        waiting,
        (waiting.states ?? []).map((state) => (state.status === "pending" ? ok(1) : state)),
        6000,
      );
      expect(store.counts()).toEqual({ succeeded: 15, failed: 5, lastResultAt: 6000 });
      expect(new JobStore(storage).counts()).toEqual(store.counts());
    }));
});

describe("results", () => {
  it("are those of finished items, in input order, page by page", ({ expect }) =>
    withStore(texts(30), (store) => {
      finish(store, (index) => (index === 4 ? later(9000) : ok(index)));
      finish(store, (index) => (index === 15 ? bad : ok(index)));
      const first = store.results(0, 8, null);
      expect(first.results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
      expect(first.next).toBe(9);
      const second = store.results(9, 100, null);
      expect(second.results.map(({ index }) => index)).toEqual([
        9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
      ]);
      expect(second.results[6]).toEqual({ index: 15, status: "failed", attempts: 3, error: ERROR });
      expect(second.next).toBeNull();
      expect(store.results(20, 100, null)).toEqual({ results: [], next: null });
    }));

  it("can be those of one kind only", ({ expect }) =>
    withStore(texts(30), (store) => {
      for (const _ of [1, 2, 3]) finish(store, (index) => (index % 7 === 0 ? bad : ok(index)));
      const failed = store.results(0, 3, "failed");
      expect(failed.results.map(({ index }) => index)).toEqual([0, 7, 14]);
      expect(failed.next).toBe(21);
      expect(store.results(21, 3, "failed").results.map(({ index }) => index)).toEqual([21, 28]);
      expect(store.results(0, 100, "succeeded").results).toHaveLength(25);
    }));

  it("come in smaller pages where they are large", ({ expect }) =>
    withStore(texts(30), (store) => {
      const large = "x".repeat(1_000_000);
      while (store.nextDue(1000, NOTHING_TAKEN) !== null) finish(store, () => ok(large));
      const seen: number[] = [];
      let pages = 0;
      for (let from: number | null = 0; from !== null; pages += 1) {
        const page = store.results(from, 1000, null);
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
    storage.sql
      .exec<{ bytes: number }>(
        "SELECT MAX(octet_length(items) + octet_length(states)) AS bytes FROM chunks",
      )
      .one().bytes;

  it("are spread over rows that the platform takes, and none is lost", ({ expect }) =>
    withStore(texts(10), (store, storage) => {
      const output = (index: number) => "€".repeat(300_000 + index);
      finish(store, (index) => (index === 9 ? later(5000) : ok(output(index))));
      expect(largestRow(storage)).toBeLessThan(2_000_000);
      expect(store.counts()).toEqual({ succeeded: 9, failed: 0, lastResultAt: 1000 });
      expect(store.nextDueAt()).toBe(5000);
      const pages = [store.results(0, 100, null)];
      for (let next = pages[0]?.next; next != null; next = pages.at(-1)?.next)
        pages.push(store.results(next, 100, null));
      const outputs = pages.flatMap(({ results }) => results.map((result) => result.output));
      expect(outputs).toEqual(Array.from({ length: 9 }, (_, index) => output(index)));
    }));

  it("share their row with the item, and fail it alone where that is too much", ({ expect }) =>
    withStore(["€".repeat(500_000), "small"], (store, storage) => {
      finish(store, () => ok("x".repeat(MAX_RESULT_BYTES - 2)));
      expect(largestRow(storage)).toBeLessThan(2_000_000);
      expect(store.results(0, 10, null).results).toMatchObject([
        { index: 0, status: "failed", error: { code: "result-too-large" } },
        { index: 1, status: "succeeded" },
      ]);
      expect(store.counts()).toMatchObject({ succeeded: 1, failed: 1 });
    }));
});

describe("revise", () => {
  it("makes failed items due again and leaves the others", ({ expect }) =>
    withStore(texts(30), (store) => {
      for (const _ of [1, 2, 3]) finish(store, (index) => (index === 12 ? bad : ok(index)));
      store.revise("failed > 0", -1, reset);
      expect(store.counts()).toMatchObject({ succeeded: 29, failed: 0 });
      expect(store.nextDueAt()).toBe(0);
      const { first, states } = take(store);
      expect(first).toBe(10);
      expect(states?.filter(({ status }) => status === "pending")).toHaveLength(1);
    }));

  it("changes no more chunks than it is told to", ({ expect }) =>
    withStore(texts(30), (store) => {
      store.revise("due_at IS NOT NULL", 1, giveUp);
      expect(store.counts().failed).toBe(10);
      expect(take(store).first).toBe(10);
    }));

  it("changes all or nothing", ({ expect }) =>
    withStore(texts(30), (store) => {
      for (const _ of [1, 2, 3]) finish(store, () => bad);
      let seen = 0;
      const breakLater = (state: ItemState) => {
        seen += 1;
        if (seen > 15) throw new Error("in the middle");
        return reset(state);
      };
      expect(() => store.revise("failed > 0", -1, breakLater)).toThrow("in the middle");
      expect(store.counts().failed).toBe(30);
    }));
});

describe("a chunk under way", () => {
  it("is kept in its place while it fits, and is due for the rest", ({ expect }) =>
    withStore(texts(10), (store) => {
      const chunk = take(store);
      const states = chunk.items.map((_, index) => (index < 4 ? ok(index) : NEVER_RUN));
      expect(store.saveInPlace(chunk, states, 1000)).toBe(true);
      expect(store.counts()).toMatchObject({ succeeded: 4, failed: 0 });
      expect(take(store)).toMatchObject({ first: 0, states });
    }));

  it("is not split", ({ expect }) =>
    withStore(texts(10), (store) => {
      const chunk = take(store);
      const large = { status: "succeeded", attempts: 1, output: "x".repeat(1_000_000) } as const;
      const states = chunk.items.map((_, index) => (index < 4 ? large : NEVER_RUN));
      expect(store.saveInPlace(chunk, states, 1000)).toBe(false);
      expect(store.counts()).toMatchObject({ succeeded: 0 });
      expect(store.nextDue(1000, new Set([0]))).toBeNull();
    }));

  it("keeps nothing of an attempt once it is wanted anew", ({ expect }) =>
    withStore(["a"], (store) => {
      const chunk = take(store);
      store.restart(0);
      expect(store.saveInPlace(chunk, [bad], 1000)).toBe(false);
      store.save(chunk, [bad], 1000);
      const again = take(store);
      expect(again.states).toEqual([NEVER_RUN]);
      store.save(again, [ok(0)], 1000);
      expect(store.counts()).toMatchObject({ succeeded: 1, failed: 0 });
    }));
});

it("A chunk whose job was removed meanwhile is not saved", ({ expect }) =>
  runInDurableObject(jobObject(crypto.randomUUID()), async (_, { storage }) => {
    const store = new JobStore(storage);
    store.append(chunksOf(texts(10), 10));
    const chunk = take(store);
    await storage.deleteAll();
    store.save(chunk, chunk.items.map(ok), 1000);
    expect(
      storage.sql.exec("SELECT name FROM sqlite_schema WHERE name = 'chunks'").toArray(),
    ).toEqual([]);
  }));

it("Finding the next chunk reads a few rows, however many are finished", ({ expect }) =>
  withStore(texts(3000), (store, storage) => {
    let rowsRead = 0;
    const { sql } = storage;
    const exec: SqlStorage["exec"] = sql.exec.bind(sql);
    const counting = {
      ...storage,
      kv: storage.kv,
      sql: {
        exec: (query: string, ...bindings: unknown[]) => {
          const cursor = exec(query, ...bindings);
          const rows = cursor.toArray();
          rowsRead += cursor.rowsRead;
          return {
            toArray: () => rows,
            one: () => rows[0],
            [Symbol.iterator]: () => rows.values(),
          };
        },
      },
    };
    // The store uses these few members of the storage; the others are not there to be used.
    const counted = new JobStore(counting as unknown as DurableObjectStorage);
    counted.counts();
    rowsRead = 0;
    for (let chunk = 0; chunk < 300; chunk += 1) {
      finish(counted, ok);
      counted.counts();
      counted.nextDueAt();
    }
    expect(rowsRead).toBeLessThan(300 * 10);
    expect(store.counts().succeeded).toBe(3000);
  }));
