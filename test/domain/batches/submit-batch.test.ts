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
  submitTo(batch, createSubmitDeps(batch.head.id, admit, env));

function submission(
  items: readonly unknown[],
  parts: Partial<Submission["head"]> = {},
): Submission {
  const head = {
    id: crypto.randomUUID(),
    operation: "uppercase",
    options: { concurrency: 6, max_attempts: 3 },
    origin: "https://api.example",
    hasToken: false,
    notify: [],
    ...parts,
  };
  return { head, items, maxItems: 10_000 };
}

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
    const batch = submission(texts(5001));
    const { summary } = await submitBatch(batch);
    expect(summary).toMatchObject({ status: "queued", total: 5001, succeeded: 0, startedAt: null });
    expect(await storedIn(batch.head.id)).toEqual({
      alarm: expect.any(Number),
      items: texts(5001),
    });
    const days = (summary.expiresAt - summary.createdAt) / (24 * 60 * 60_000);
    expect(days).toBe(config.limits.batchRetentionDays);
  });

  it("keeps nothing of a batch with a fault at its very end", async ({ expect }) => {
    const batch = submission([...texts(5000), "€".repeat(600_000)]);
    await expect(submitBatch(batch)).rejects.toMatchObject({ code: "invalid-body" });
    expect(await storedIn(batch.head.id)).toEqual({ alarm: null, items: null });
    expect(await batchJob(env, batch.head.id).summary()).toBeNull();
  });

  it("changes nothing by a repeat, nor by a repeat that fails", async ({ expect }) => {
    const batch = submission(texts(5001));
    const first = await submitBatch(batch);
    expect(await submitBatch(batch)).toEqual(first);
    await expect(submitBatch({ ...batch, items: [] })).rejects.toThrow();
    expect((await storedIn(batch.head.id)).items).toEqual(texts(5001));
  });

  it("goes on where an upload was cut off", async ({ expect }) => {
    const batch = submission(texts(3000));
    // Of another version, whose chunks were of another size.
    const chunks = [0, 500].map((first) => ({
      first,
      size: 500,
      items: new TextEncoder().encode(JSON.stringify(texts(first + 500).slice(first)).slice(1, -1)),
    }));
    await batchJob(env, batch.head.id).append(chunks);
    await submitBatch(batch);
    expect((await storedIn(batch.head.id)).items).toEqual(texts(3000));
  });

  it("takes items that are larger together than one call may carry", async ({ expect }) => {
    const large = texts(45).map((text) => text + "€".repeat(400_000));
    const batch = submission(large);
    expect(await submitBatch(batch)).toMatchObject({ summary: { total: 45 } });
    const { items } = await storedIn(batch.head.id);
    expect(items?.map((item) => String(item).slice(0, 7))).toEqual(
      texts(45).map((text) => `${text}€`.slice(0, 7)),
    );
  });

  it("refuses a batch that is too much, and keeps nothing of it", async ({ expect }) => {
    const batch = submission(texts(140).map(() => "x".repeat(500_000)));
    await expect(submitBatch(batch)).rejects.toMatchObject({ code: "invalid-body" });
    expect(await storedIn(batch.head.id)).toEqual({ alarm: null, items: null });
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

  it("is asked for once, for all items", async ({ expect }) => {
    expect(await asksFor(submission(texts(3)))).toEqual([{ batches: 1, items: 3 }]);
    expect(await asksFor(submission(texts(5000)))).toEqual([{ batches: 1, items: 5000 }]);
  });

  it("counts calls as calls too", async ({ expect }) => {
    const items = ["https://a.example/", "https://b.example/"];
    const calls = submission(items, { operation: "external-api" });
    expect(await asksFor(calls)).toEqual([{ batches: 1, items: 2, calls: 2 }]);
  });

  it("is not asked for where something is wrong with what comes in at once", async ({ expect }) => {
    expect(await asksFor(submission([1], { operation: "users" }))).toEqual([]);
    const unknown = submission(texts(1), { notify: ["nobody"] });
    expect(await asksFor(unknown)).toEqual([]);
  });

  it("that is refused leaves nothing behind", async ({ expect }) => {
    const batch = submission(texts(5000));
    const admit = () => Promise.reject(new Error("enough"));
    await expect(submitBatch(batch, admit)).rejects.toThrow("enough");
    expect(await storedIn(batch.head.id)).toEqual({ alarm: null, items: null });
  });
});
