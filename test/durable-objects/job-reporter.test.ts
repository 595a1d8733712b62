// What a job reports when: its state until the register has it, its counts now and then.
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { summarizeJob } from "../../src/domain/batches/batch";
import type { BatchEntry } from "../../src/domain/batches/register";
import { DomainError } from "../../src/domain/errors";
import { createJob } from "../../src/domain/jobs/decision";
import type { JobRecord, JobWork } from "../../src/domain/jobs/job-record";
import { decide } from "../../src/domain/jobs/lifecycle";
import { JobReporter } from "../../src/durable-objects/job-reporter";
import { batchWork, DAY_MS } from "../support/jobs";

const NOW = Date.UTC(2040, 0, 1);
const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** A job of which the register does not know yet. */
const due = <Work extends JobWork>(job: JobRecord<Work>): JobRecord<Work> => ({
  ...job,
  reportAt: NOW,
});

/** A job and its reporter; what it reports arrives unless `refuse` says why not. */
function reporterOf({ refuse }: { refuse?: () => Error } = {}) {
  const parts = { total: 1000, retentionMs: DAY_MS, startAt: null };
  const store = {
    job: due(createJob(batchWork({ createdAt: NOW }), parts, NOW).record),
    succeeded: 0,
    counts: () => ({
      succeeded: store.succeeded,
      failed: 0,
      failedByCode: {},
      lastResultAt: null,
    }),
  };
  const reports: BatchEntry[] = [];
  const apply = async (event: Parameters<typeof decide<typeof store.job.work>>[1]) => {
    store.job = decide(store.job, event, Date.now()).record;
  };
  const reporter = new JobReporter({
    store,
    decide: apply,
    register: {
      report: async (entry) => {
        if (refuse !== undefined) throw refuse();
        reports.push(entry);
      },
    },
    summarize: (job) =>
      summarizeJob(job, { counts: store.counts(), waiting: null, outputSummary: null }, Date.now()),
  });
  const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
  return { reporter, reports, store, apply, pass };
}

describe("a reporter", () => {
  it("reports a start when it has lasted two seconds, or is looked at", async ({ expect }) => {
    for (const isSeen of [false, true]) {
      const { reporter, reports, apply, pass } = reporterOf();
      await reporter.report();
      await apply({ type: "begin", done: 0 });
      await reporter.report();
      expect(reports.map(({ status }) => status)).toEqual(["queued"]);
      if (!isSeen) pass(2000);
      await reporter.report(isSeen);
      expect(reports.map(({ status }) => status)).toEqual(["queued", "running"]);
    }
  });

  it("reports counts every ten seconds, and ever more seldom in a long run", async ({ expect }) => {
    const { reporter, reports, store, apply, pass } = reporterOf();
    await apply({ type: "begin", done: 0 });
    await reporter.report(true);
    for (let second = 0; second < 60; second += 1) {
      pass(1000);
      store.succeeded += 1;
      await reporter.report();
    }
    expect(reports.map(({ succeeded }) => succeeded)).toEqual([0, 10, 20, 30, 40, 50, 60]);
    pass(600 * MINUTE_MS);
    store.succeeded += 1;
    await reporter.report();
    reports.length = 0;
    for (let minute = 0; minute < 10; minute += 1) {
      pass(MINUTE_MS);
      store.succeeded += 1;
      await reporter.report();
    }
    expect(reports).toHaveLength(2);
  });

  it("reports no counts that have not changed", async ({ expect }) => {
    const { reporter, reports, apply, pass } = reporterOf();
    await apply({ type: "begin", done: 0 });
    await reporter.report(true);
    pass(60 * MINUTE_MS);
    await reporter.report();
    expect(reports).toHaveLength(1);
  });

  it("sends what changed during a report with the next, and one at a time", async ({ expect }) => {
    const { reporter, reports, apply } = reporterOf();
    const first = reporter.report();
    await apply({ type: "pause" });
    expect(reporter.report()).toBe(first);
    await first;
    expect(reports.map(({ status, version }) => [status, version])).toEqual([
      ["queued", 0],
      ["paused", 1],
    ]);
  });

  it("asks ever more seldom where it is refused, and not before the time that it is told", async ({
    expect,
  }) => {
    let seconds = 0;
    const { reporter, store, pass } = reporterOf({
      refuse: () => new DomainError("unavailable", "Away.", { retryAfterSeconds: seconds }),
    });
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await reporter.report(true);
      const waitMs = (store.job.reportAt ?? 0) - Date.now();
      waits.push(waitMs);
      pass(waitMs);
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000]);
    seconds = 7200;
    await reporter.report();
    expect((store.job.reportAt ?? 0) - Date.now()).toBe(7_200_000);
  });
});
