import * as v from "valibot";
import { describe, it } from "vitest";
import { BatchOptions } from "../../../src/domain/batches/batch-options";
import { Batch, summarizeJob, toBatch, type JobSummary } from "../../../src/domain/batches/batch";
import { toResult } from "../../../src/domain/batches/item-result";
import { createJob } from "../../../src/domain/jobs/decision";
import { decide } from "../../../src/domain/jobs/lifecycle";
import { batchWork } from "../../support/jobs";

const CREATED_AT = Date.UTC(2026, 0, 1);

function summary(parts: Partial<JobSummary> = {}): JobSummary {
  return {
    status: "running",
    reason: null,
    run: 1,
    summaryOperation: null,
    outputSummary: null,
    operation: "uppercase",
    options: { concurrency: 6 },
    label: null,
    metadata: {},
    columns: null,
    hasIds: false,
    startAt: null,
    total: 100,
    succeeded: 30,
    failed: 10,
    failedByCode: { timeout: 10 },
    waiting: null,
    leastMs: 0,
    mostMs: Infinity,
    createdAt: CREATED_AT,
    startedAt: CREATED_AT + 1000,
    finishedAt: null,
    expiresAt: CREATED_AT + 1_000_000,
    lastResultAt: CREATED_AT + 3000,
    ranMs: 2000,
    ...parts,
  };
}

describe("toBatch", () => {
  it("tells how far a batch is, and how long it will go on", ({ expect }) => {
    const batch = toBatch("some-id", summary());
    expect(v.parse(Batch, batch)).toEqual(batch);
    expect(batch).toMatchObject({
      status: "running",
      total: 100,
      succeeded: 30,
      failed: 10,
      failed_by_code: { timeout: 10 },
      pending: 60,
      waiting: null,
      started_at: "2026-01-01T00:00:01.000Z",
      finished_at: null,
      items_per_second: 20,
      eta_ms: 3000,
    });
  });

  it("links to what can be done with it in its state", ({ expect }) => {
    expect(toBatch("some-id", summary()).links).toEqual({
      self: "/batch-process/some-id",
      results: "/batch-process/some-id/results",
      events: "/batch-process/some-id/events",
      cancel: "/batch-process/some-id/cancel",
      pause: "/batch-process/some-id/pause",
    });
    const actions = (parts: Partial<JobSummary>) =>
      Object.keys(toBatch("some-id", summary(parts)).links).slice(3);
    expect(actions({ status: "paused" })).toEqual(["cancel", "resume"]);
    expect(actions({ status: "completed", finishedAt: 1 })).toEqual(["retry"]);
    expect(actions({ status: "cancelled", finishedAt: null })).toEqual([]);
  });

  it("knows no pace before the first result", ({ expect }) => {
    const none = { succeeded: 0, failed: 0, lastResultAt: null, ranMs: 0 };
    const batch = toBatch("some-id", summary({ ...none, startedAt: null, status: "queued" }));
    expect(batch).toMatchObject({ started_at: null, items_per_second: null, eta_ms: null });
  });

  it.for(["completed", "cancelled"] as const)("has nothing ahead once %s", (status, { expect }) => {
    const finishedAt = CREATED_AT + 5000;
    const batch = toBatch("some-id", summary({ status, finishedAt, ranMs: 4000 }));
    expect(batch).toMatchObject({
      eta_ms: 0,
      items_per_second: 10,
      finished_at: "2026-01-01T00:00:05.000Z",
    });
  });

  it("counts waits that are known", ({ expect }) => {
    const until = CREATED_AT + 3_600_000;
    const batch = toBatch(
      "some-id",
      summary({ waiting: { items: 60, until }, leastMs: 3_500_000 }),
    );
    expect(batch).toMatchObject({
      waiting: { items: 60, until: "2026-01-01T01:00:00.000Z" },
      eta_ms: 3_500_000,
    });
    const never = summary({ succeeded: 0, failed: 0, lastResultAt: null, ranMs: 0, leastMs: 500 });
    expect(toBatch("some-id", never).eta_ms).toBe(500);
  });

  it("tells no time beyond the one at which it is cancelled", ({ expect }) => {
    const waiting = { items: 60, until: CREATED_AT + 1e12 };
    expect(toBatch("some-id", summary({ waiting, leastMs: 1e12, mostMs: 5000 })).eta_ms).toBe(5000);
    const work = batchWork({ options: { concurrency: 1, timeout_s: 60 } });
    const { record } = createJob(work, { total: 1, retentionMs: 0, startAt: null }, 0);
    const begun = decide(record, { type: "begin", done: 0 }, 1000).record;
    const facts = { counts: summary({}), waiting: null, outputSummary: null };
    expect(summarizeJob(record, facts, 1000).mostMs).toBe(60_000);
    expect(summarizeJob(begun, facts, 21_000).mostMs).toBe(40_000);
    expect(summarizeJob(begun, facts, 99_000).mostMs).toBe(0);
  });

  it("survives a batch that took no measurable time", ({ expect }) => {
    const at = CREATED_AT + 1000;
    const batch = toBatch("some-id", summary({ startedAt: at, lastResultAt: at, ranMs: 0 }));
    expect(batch.items_per_second).toBe(40_000);
  });

  it("promises no time while it is paused, and keeps its pace", ({ expect }) => {
    const batch = toBatch("some-id", summary({ status: "paused" }));
    expect(batch).toMatchObject({ items_per_second: 20, eta_ms: null });
  });

  it("says nothing of its end when it was cancelled, and only ends what is under way", ({
    expect,
  }) => {
    const batch = toBatch("some-id", summary({ status: "cancelled" }));
    expect(batch).toMatchObject({ status: "cancelled", finished_at: null, eta_ms: null });
  });
});

describe("toResult", () => {
  it("shows what became of an item, or when it is tried again", ({ expect }) => {
    const error = { code: "timeout", detail: "Too late." };
    expect(toResult(3, { status: "succeeded", attempts: 2, output: "A" })).toEqual({
      index: 3,
      status: "succeeded",
      output: "A",
      attempts: 2,
    });
    expect(toResult(4, { status: "failed", attempts: 3, error })).toEqual({
      index: 4,
      status: "failed",
      error,
      attempts: 3,
    });
    expect(toResult(5, { status: "pending", attempts: 1, dueAt: 1000, error })).toEqual({
      index: 5,
      status: "pending",
      error,
      attempts: 1,
      next_attempt_at: "1970-01-01T00:00:01.000Z",
    });
  });
});

describe("BatchOptions", () => {
  it("has defaults, and no limit of failures", ({ expect }) => {
    expect(v.parse(BatchOptions, {})).toEqual({ concurrency: 6 });
  });

  it.for([
    { concurrency: 0 },
    { concurrency: 49 },
    { rate: "10" },
    { rate: "0/s" },
    { timeout_s: 0 },
    { timeout_s: 86_401 },
    { concurrency: 1.5 },
    { max_attempts: 0 },
    { max_attempts: 11 },
    { stop_after_failures: 0 },
    { stop_after_failures: 1_000_001 },
    { retries: 1 },
  ])("refuses %o", (options, { expect }) => {
    expect(v.is(BatchOptions, options)).toBe(false);
  });
});
