// The register with fifty thousand batches: every list is read from an index, a few rows a page; reports keep their
// order.
import { reset, runInDurableObject } from "cloudflare:test";
import { afterAll, beforeAll, describe, it } from "vitest";
import { JOB_STATUSES } from "../../src/domain/jobs/job-record";
import { BatchRows } from "../../src/storage/batches";
import type { BatchFilters } from "../../src/domain/batches/register";
import { countReads } from "../support/count-reads";
import { FIRST_ENTRY_AT, insertEntries, registerObject, someEntry } from "../support/register";

const COUNT = 50_000;
const LABELS = 100;

beforeAll(async () => {
  await insertEntries(
    Array.from({ length: COUNT }, (_, n) =>
      someEntry(n, {
        // One in a thousand runs.
        status: n % 1000 === 0 ? "running" : "completed",
        ...(n % 1000 === 0 && { finished_at: null }),
        label: n % 2 === 0 ? `label ${n % LABELS}` : null,
      }),
    ),
  );
}, 120_000);
afterAll(reset);

/** The rows that a page reads, and how many it shows. */
function costOf(filters: BatchFilters, order: "asc" | "desc", after: number | null) {
  return runInDurableObject(registerObject(), (_, { storage }) => {
    const { sql, rowsRead } = countReads(storage.sql);
    const query = { filters, order, after, limit: 50 };
    const { records, next } = new BatchRows(sql).page(query, FIRST_ENTRY_AT);
    return { read: rowsRead(), shown: records.length, next };
  });
}

const LISTS: [filters: BatchFilters, shown: number, most: number][] = [
  [{}, 50, 60],
  [{ status: ["completed"] }, 50, 60],
  [{ status: ["running"] }, 50, 60],
  [{ status: JOB_STATUSES }, 50, 110],
  [{ label: "label 0" }, 50, 110],
  [{ label: "label 0", status: ["running"] }, 50, 60],
  [{ label: "label 2", status: ["running"] }, 0, 5],
  [{ label: "label 1" }, 0, 10],
  [{ status: ["completed"], createdBefore: FIRST_ENTRY_AT + 10_000 * 1000 }, 50, 60],
];

describe.each(["asc", "desc"] as const)("a list of 50,000 batches, %s", (order) => {
  it.for(LISTS)(
    "by %j shows %i and reads at most %i rows",
    async ([filters, shown, most], { expect }) => {
      if (order === "desc" && filters.createdBefore !== undefined) return;
      const first = await costOf(filters, order, null);
      expect(first.shown).toBe(shown);
      expect(first.read).toBeLessThanOrEqual(most);
      if (first.next === null) return;
      const second = await costOf(filters, order, first.next);
      expect(second.read).toBeLessThanOrEqual(most);
    },
  );
});

describe("a report", () => {
  const report = (...entries: ReturnType<typeof someEntry>[]) =>
    runInDurableObject(registerObject(), (_, { storage }) => {
      const rows = new BatchRows(storage.sql);
      for (const entry of entries) rows.report(entry, FIRST_ENTRY_AT);
      const { records } = rows.page(
        { filters: { label: "reports" }, order: "desc", after: null, limit: 10 },
        FIRST_ENTRY_AT,
      );
      for (const { id } of entries) rows.remove(id, "request", FIRST_ENTRY_AT);
      return records.map((json): unknown => JSON.parse(json));
    });
  const of = (n: number, version: number, succeeded = 0) =>
    someEntry(n, { label: "reports", version, succeeded });

  it("replaces an older state, and one of fewer results, and no newer one", async ({ expect }) => {
    expect(await report(of(COUNT, 1), of(COUNT, 3), of(COUNT, 2, 9))).toMatchObject([
      { version: 3, succeeded: 0 },
    ]);
    expect(await report(of(COUNT + 1, 1, 5), of(COUNT + 1, 1, 3))).toMatchObject([
      { version: 1, succeeded: 5 },
    ]);
  });

  it("of a batch that was removed brings it back never", async ({ expect }) => {
    expect(await report(of(COUNT + 2, 1))).toHaveLength(1);
    expect(await report(of(COUNT + 2, 2))).toHaveLength(0);
  });
});
