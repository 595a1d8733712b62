// Taking a batch in: all of it is stored, or nothing.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import {
  submitBatch as submitTo,
  type Submission,
  type SubmitDeps,
} from "../../../src/domain/batches/submit-batch";
import { readConfig } from "../../../src/env";
import { createSubmitDeps } from "../../../src/runtime/batch-deps";
import { batchJob } from "../../../src/runtime/jobs";
import { jobObject, texts } from "../../support/jobs";

const { config } = readConfig(env);

const admitAll = () => Promise.resolve();
const submitBatch = (batch: Submission, admit: SubmitDeps["admit"] = admitAll) =>
  submitTo(batch, createSubmitDeps(batch.id, admit, env));

function submission(records: Submission["records"], parts: Partial<Submission> = {}): Submission {
  return {
    id: crypto.randomUUID(),
    operation: "uppercase",
    options: { concurrency: 6, max_attempts: 3 },
    maxItems: 100_000,
    count: null,
    origin: "https://api.example",
    hasToken: false,
    notify: [],
    records,
    ...parts,
  };
}

const itemsOf = (items: readonly unknown[]) => items.map((item) => ({ item }));

const storedIn = (id: string) =>
  runInDurableObject(jobObject(id), async (_, { storage }) => {
    const tables = storage.sql
      .exec("SELECT name FROM sqlite_schema WHERE name = 'chunks'")
      .toArray();
    return {
      alarm: await storage.getAlarm(),
      items:
        tables.length === 0
          ? null
          : storage.sql
              .exec<{ items: string }>("SELECT items FROM chunks ORDER BY first")
              .toArray()
              .flatMap(({ items }): unknown[] => JSON.parse(items)),
    };
  });

describe("submitBatch", () => {
  it("stores every item in order, and starts nothing by itself", async ({ expect }) => {
    const batch = submission(itemsOf(texts(5001)));
    const summary = await submitBatch(batch);
    expect(summary).toMatchObject({ status: "queued", total: 5001, succeeded: 0, startedAt: null });
    expect(await storedIn(batch.id)).toEqual({ alarm: expect.any(Number), items: texts(5001) });
    const days = (summary.expiresAt - summary.createdAt) / (24 * 60 * 60_000);
    expect(days).toBe(config.limits.batchRetentionDays);
  });

  it("keeps nothing of a batch with a fault at its very end", async ({ expect }) => {
    const batch = submission([...itemsOf(texts(5000)), { unreadable: "The line is not JSON" }]);
    await expect(submitBatch(batch)).rejects.toMatchObject({ code: "invalid-body" });
    expect(await storedIn(batch.id)).toEqual({ alarm: null, items: null });
    expect(await batchJob(env, batch.id).summary()).toBeNull();
  });

  it("keeps nothing of a batch that it could not read to the end", async ({ expect }) => {
    function* broken() {
      yield* itemsOf(texts(5000));
      throw new Error("The connection is gone");
    }
    const batch = submission(broken());
    await expect(submitBatch(batch)).rejects.toThrow("The connection is gone");
    expect(await storedIn(batch.id)).toEqual({ alarm: null, items: null });
  });

  it("changes nothing by a repeat, nor by a repeat that fails", async ({ expect }) => {
    const batch = submission(itemsOf(texts(10)));
    const first = await submitBatch(batch);
    expect(await submitBatch(batch)).toEqual(first);
    await expect(submitBatch({ ...batch, records: [] })).rejects.toThrow();
    expect((await storedIn(batch.id)).items).toEqual(texts(10));
  });

  it("goes on where an upload was cut off", async ({ expect }) => {
    const batch = submission(itemsOf(texts(3000)));
    // Of another version, whose chunks were of another size.
    const chunks = [0, 500].map((first) => ({
      first,
      size: 500,
      items: JSON.stringify(texts(first + 500).slice(first)),
    }));
    await batchJob(env, batch.id).append(chunks);
    await submitBatch(batch);
    expect((await storedIn(batch.id)).items).toEqual(texts(3000));
  });

  it("takes items that are larger together than one call may carry", async ({ expect }) => {
    const large = texts(45).map((text) => text + "€".repeat(400_000));
    const batch = submission(itemsOf(large));
    expect(await submitBatch(batch)).toMatchObject({ total: 45 });
    const { items } = await storedIn(batch.id);
    expect(items?.map((item) => String(item).slice(0, 7))).toEqual(
      texts(45).map((text) => `${text}€`.slice(0, 7)),
    );
  });

  it("stops reading a batch that is too much", async ({ expect }) => {
    let read = 0;
    function* endless() {
      for (;;) {
        read += 1;
        yield { item: "x".repeat(500_000) };
      }
    }
    const batch = submission(endless());
    await expect(submitBatch(batch)).rejects.toMatchObject({ code: "invalid-body" });
    expect(read).toBeLessThan(140);
    const { alarm, items } = await storedIn(batch.id);
    expect([alarm, items?.length]).toEqual([null, undefined]);
  });
});

describe("admission", () => {
  /** What a submission asks to be let in with. */
  async function asksFor(batch: Submission): Promise<unknown[]> {
    const asked: unknown[] = [];
    const admit = async (uses: unknown) => void asked.push(uses);
    await submitBatch(batch, admit).catch(() => undefined);
    return asked;
  }

  it("is asked for once where the size is known, or small", async ({ expect }) => {
    const small = submission(itemsOf(texts(3)));
    expect(await asksFor(small)).toEqual([{ batches: 1, items: 3 }]);
    const known = submission(itemsOf(texts(5000)), { count: 5000 });
    expect(await asksFor(known)).toEqual([{ batches: 1, items: 5000 }]);
  });

  it("is asked for as a large one of unknown size comes in", async ({ expect }) => {
    expect(await asksFor(submission(itemsOf(texts(5000))))).toEqual([
      { batches: 1, items: 2000 },
      { items: 2000 },
      { items: 1000 },
    ]);
  });

  it("counts calls as calls too", async ({ expect }) => {
    const items = itemsOf(["https://a.example/", "https://b.example/"]);
    const calls = submission(items, { operation: "external-api" });
    expect(await asksFor(calls)).toEqual([{ batches: 1, items: 2, calls: 2 }]);
  });

  it("is not asked for where something is wrong with what comes in at once", async ({ expect }) => {
    expect(await asksFor(submission([{ unreadable: "no JSON" }]))).toEqual([]);
    const unknown = submission(itemsOf(texts(1)), { notify: ["nobody"] });
    expect(await asksFor(unknown)).toEqual([]);
  });

  it("that is refused leaves nothing behind", async ({ expect }) => {
    const batch = submission(itemsOf(texts(5000)));
    let asked = 0;
    const admit = async () => {
      asked += 1;
      if (asked === 2) throw new Error("enough");
    };
    await expect(submitBatch(batch, admit)).rejects.toThrow("enough");
    expect(await storedIn(batch.id)).toEqual({ alarm: null, items: null });
  });
});
