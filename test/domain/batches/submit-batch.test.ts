// Taking a batch in: all of it is stored, or nothing.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { submitBatch as submitTo, type Submission } from "../../../src/domain/batches/submit-batch";
import { readConfig } from "../../../src/env";
import { createSubmitDeps } from "../../../src/runtime/batch-deps";
import { batchJob } from "../../../src/runtime/jobs";
import { jobObject, texts } from "../../support/jobs";

const { config } = readConfig(env);

const submitBatch = (batch: Submission) => submitTo(batch, createSubmitDeps(batch.id, env));

function submission(records: Submission["records"], parts: Partial<Submission> = {}): Submission {
  return {
    id: crypto.randomUUID(),
    operation: "uppercase",
    options: { concurrency: 6, max_attempts: 3 },
    maxItems: 100_000,
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
    const chunk = { first: 0, size: 500, items: JSON.stringify(texts(500)) };
    await batchJob(env, batch.id).append([chunk]);
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
