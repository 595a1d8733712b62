// The life of a job, decided without an object: what slices and actions make of its record.
import { describe, it } from "vitest";
import {
  afterSlice,
  beginSlice,
  canAct,
  createJob,
  finishJob,
  isStuck,
  pauseJob,
  sliceBackoff,
} from "../../../src/domain/batches/job-lifecycle";
import type { JobRecord } from "../../../src/domain/batches/job-record";
import { batchWork, DAY_MS } from "../../support/jobs";

const NOW = Date.UTC(2026, 0, 1);
const NOTHING = { succeeded: 0, failed: 0, lastResultAt: null };

const jobIn = (status: JobRecord["status"], options = {}): JobRecord => ({
  ...createJob(batchWork({ createdAt: NOW, options: { concurrency: 6, ...options } }), 10, DAY_MS),
  status,
});

/** A job at the start of its last slice of so many that came to nothing. */
const stuckFor = (slices: number): JobRecord => {
  let job: JobRecord = jobIn("queued");
  for (let slice = 0; slice <= slices; slice += 1) job = beginSlice(job, NOTHING, NOW) ?? job;
  return job;
};

describe("after a slice", () => {
  const outcome = { failed: 0, nextDueAt: NOW + 50, hasFailedChunks: false };

  it.for([
    ["running", outcome, { end: null, alarmAt: NOW + 50 }],
    ["running", { ...outcome, nextDueAt: NOW - 50 }, { end: null, alarmAt: NOW }],
    ["running", { ...outcome, nextDueAt: null }, { end: "completed" }],
    ["running", { ...outcome, failed: 3 }, { end: "cancelled" }],
    ["running", { ...outcome, hasFailedChunks: true }, { end: null, alarmAt: NOW + 1000 }],
    ["paused", outcome, { end: null, alarmAt: null }],
    ["paused", { ...outcome, nextDueAt: null }, { end: "completed" }],
    ["cancelled", { ...outcome, nextDueAt: null }, { end: "cancelled" }],
  ] as const)("a %s job with %o has %o", ([status, came, next], { expect }) => {
    expect(afterSlice(jobIn(status, { stop_after_failures: 3 }), came, NOW)).toMatchObject(next);
  });

  it("the mark of the slice stays where it failed, and goes where it did not", ({ expect }) => {
    const begun = stuckFor(2);
    expect(afterSlice(begun, { ...outcome, hasFailedChunks: true }, NOW).job).toEqual(begun);
    expect(afterSlice(begun, outcome, NOW).job).not.toHaveProperty("slice");
  });
});

it("Slices that come to nothing are ever farther apart, and are given up in the end", ({
  expect,
}) => {
  expect([0, 1, 2, 3, 10].map((slices) => sliceBackoff(stuckFor(slices)))).toEqual([
    1000, 2000, 4000, 8000, 60_000,
  ]);
  expect([19, 20].map((slices) => isStuck(stuckFor(slices)))).toEqual([false, true]);
  const finished = beginSlice(stuckFor(19), { ...NOTHING, succeeded: 1 }, NOW);
  expect(finished?.slice).toEqual({ done: 1, stuck: 0 });
});

it("A job that is paused or over has no slice", ({ expect }) => {
  for (const status of ["paused", "cancelled", "completed"] as const)
    expect(beginSlice(jobIn(status), NOTHING, NOW)).toBeNull();
});

it("A retry needs something that failed", ({ expect }) => {
  const allows = (failed: number) => canAct(jobIn("completed"), "retry", { ...NOTHING, failed });
  expect([allows(0), allows(1)]).toEqual([false, true]);
});

it("A job is kept for its retention from its end, or its pause, on", ({ expect }) => {
  const running = beginSlice(jobIn("queued"), NOTHING, NOW) ?? jobIn("queued");
  const later = NOW + 5000;
  const times = { expiresAt: later + DAY_MS, ranMs: 5000, runningSince: null };
  expect(pauseJob(running, later)).toMatchObject({ status: "paused", ...times });
  expect(finishJob(running, "completed", undefined, later)).toMatchObject({
    status: "completed",
    finishedAt: later,
    ...times,
  });
});
