// Decisions about a job: what becomes of its record, what is done, and when its alarm rings.
import { describe, it } from "vitest";
import type { JobOptions, JobRecord } from "../../../src/domain/jobs/job-record";
import { createJob, type Decision } from "../../../src/domain/jobs/decision";
import { decide, type JobEvent } from "../../../src/domain/jobs/lifecycle";
import { canAct } from "../../../src/domain/jobs/transitions";

const NOW = 1_000_000;
const DAY_MS = 86_400_000;

function job(options: Partial<JobOptions> = {}, startAt: number | null = null) {
  const work = { createdAt: NOW, options: { concurrency: 6, ...options } };
  return heard(createJob(work, { total: 10, retentionMs: 7 * DAY_MS, startAt }, NOW), NOW);
}

/** A decision once the register has heard of it. */
function heard({ record, effects }: Decision, now: number): Decision {
  const { changes } = record;
  return {
    ...decide(record, { type: "reported", changes }, now),
    effects: effects.filter((effect) => effect !== "report"),
  };
}

/** The decision about an event, of which the register hears at once. */
function step(record: JobRecord, event: JobEvent, now: number): Decision {
  return heard(decide(record, event, now), now);
}

/** The decision after these events, each a second after the one before. */
function after(...events: readonly JobEvent[]) {
  return from(job().record, ...events);
}

function from(record: JobRecord, ...events: readonly JobEvent[]) {
  let now = NOW;
  let decision = { record, effects: [] as readonly string[], alarmAt: 0 };
  for (const event of events) {
    now += 1000;
    decision = step(decision.record, event, now);
  }
  return { ...decision, now };
}

const BEGIN = { type: "begin", done: 0 } as const;
const rest = (nextAt: number | null, parts = {}) =>
  ({
    type: "rest",
    nextAt,
    failed: 0,
    pending: 0,
    waiting: null,
    hasOutage: false,
    ...parts,
  }) as const;

describe("a job", () => {
  it("has its alarm from the first, and goes on by itself", ({ expect }) => {
    const { record, effects, alarmAt } = job();
    expect(record.status).toBe("queued");
    expect(effects).toEqual(["run"]);
    expect(alarmAt).toBe(NOW + 3000);
    expect(step(record, { type: "alarm" }, NOW + 3000).effects).toEqual(["run"]);
  });

  it("that is to start later waits for its time", ({ expect }) => {
    const { record, effects, alarmAt } = job({}, NOW + DAY_MS);
    expect([record.status, effects, alarmAt]).toEqual(["scheduled", [], NOW + DAY_MS]);
    expect(step(record, BEGIN, NOW + 1).record).toBe(record);
    const started = step(record, { type: "alarm" }, NOW + DAY_MS);
    expect(started).toMatchObject({ record: { status: "queued" }, effects: ["run"] });
    const paused = from(record, { type: "pause" }, { type: "resume" });
    expect(paused.record.status).toBe("scheduled");
  });

  it("rests until something is due, and tells what waits", ({ expect }) => {
    const waiting = { items: 3, until: NOW + 60_000 };
    const { record, alarmAt } = after(BEGIN, rest(NOW + 60_000, { waiting }));
    expect(record).toMatchObject({ status: "running", waiting, wakeAt: NOW + 60_000 });
    expect(alarmAt).toBe(NOW + 60_000);
    expect(record).not.toHaveProperty("slice");
  });

  it("ends once nothing is left, and is told", ({ expect }) => {
    const { record, effects, alarmAt, now } = after(BEGIN, rest(null));
    expect(record).toMatchObject({ status: "completed", finishedAt: now, isUntold: true });
    expect([effects, alarmAt]).toEqual([["announce"], now]);
    const told = step(record, { type: "told" }, now);
    expect(told.alarmAt).toBe(now + 7 * DAY_MS);
    expect(step(told.record, { type: "alarm" }, now + 7 * DAY_MS).effects).toEqual(["erase"]);
  });
});

describe("stops", () => {
  it("by failures are exact, and end once nothing is in flight", ({ expect }) => {
    const { record } = job({ stop_after_failures: 3 });
    const going = from(record, BEGIN, { type: "progress", failed: 2 });
    expect(going.record.status).toBe("running");
    const stopped = from(going.record, { type: "progress", failed: 3 });
    expect(stopped.record).toMatchObject({
      status: "cancelled",
      reason: "failures",
      finishedAt: null,
    });
    expect(from(stopped.record, rest(NOW)).record.finishedAt).not.toBeNull();
  });

  it("by time do not count pauses, and count anew for a retry", ({ expect }) => {
    const { record } = job({ timeout_s: 100 });
    const begun = step(record, BEGIN, NOW).record;
    const paused = step(begun, { type: "pause" }, NOW + 60_000).record;
    const resumed = step(paused, { type: "resume" }, NOW + DAY_MS).record;
    const at = (ms: number) =>
      step(resumed, { type: "progress", failed: 0 }, NOW + DAY_MS + ms).record;
    expect(at(39_999).status).toBe("running");
    expect(at(40_000)).toMatchObject({ status: "cancelled", reason: "timeout" });
    const waiting = step(resumed, rest(NOW + 2 * DAY_MS), NOW + DAY_MS);
    expect(waiting.alarmAt).toBe(NOW + DAY_MS + 40_000);
    const ended = step(at(40_000), rest(NOW), NOW + DAY_MS + 41_000).record;
    const again = step(ended, { type: "retry" }, NOW + 3 * DAY_MS).record;
    const later = step(again, { type: "progress", failed: 0 }, NOW + 3 * DAY_MS + 99_000).record;
    expect(later).toMatchObject({ status: "running", run: 2 });
  });
});

describe("a spent budget", () => {
  it("pauses until the next day, and goes on by itself", ({ expect }) => {
    const { record, alarmAt } = after(BEGIN, { type: "quota", until: NOW + DAY_MS });
    expect(record).toMatchObject({ status: "paused", reason: "quota" });
    expect(alarmAt).toBe(NOW + DAY_MS);
    expect(step(record, { type: "alarm" }, NOW + 1).record).toBe(record);
    const next = step(record, { type: "alarm" }, NOW + DAY_MS);
    expect(next).toMatchObject({ record: { status: "running", reason: null }, effects: ["run"] });
  });
});

describe("actions", () => {
  it("while items are in flight wait for them", ({ expect }) => {
    const cancelled = after(BEGIN, { type: "cancel" });
    expect(cancelled.record).toMatchObject({ status: "cancelled", finishedAt: null });
    expect(canAct(cancelled.record, "retry")).toBe(false);
    expect(cancelled.alarmAt).toBeLessThanOrEqual(cancelled.now + 5000);
    const { record } = from(cancelled.record, rest(NOW));
    expect(record).toMatchObject({ status: "cancelled", reason: "by-request" });
    expect(canAct(record, "retry")).toBe(true);
  });

  it("pause a job that completes with what was in flight", ({ expect }) => {
    expect(after(BEGIN, { type: "pause" }, rest(null)).record.status).toBe("completed");
  });

  it("that its state does not allow change nothing", ({ expect }) => {
    const { record } = after(BEGIN, rest(null));
    for (const type of ["cancel", "pause", "resume"] as const)
      expect(step(record, { type }, NOW).record).toBe(record);
  });
});

describe("runs that fail", () => {
  it("come back ever more rarely", ({ expect }) => {
    let { record } = job();
    const waits = [0, 1, 2, 3].map(() => {
      record = step(record, BEGIN, NOW).record;
      const { alarmAt, record: rested } = step(record, rest(NOW, { hasOutage: true }), NOW);
      record = rested;
      return alarmAt - NOW;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
  });
});

describe("the register", () => {
  const isReported = (effects: readonly string[]) => effects.includes("report");
  const reported = (record: JobRecord) => ({ type: "reported", changes: record.changes }) as const;

  it("hears of a change at once, and again by the alarm if that failed", ({ expect }) => {
    const { record } = after(BEGIN);
    const paused = decide(record, { type: "pause" }, NOW + 1000);
    expect(isReported(paused.effects)).toBe(true);
    expect(paused.alarmAt).toBe(NOW + 6000);
    const failed = decide(paused.record, { type: "unreported", until: NOW + DAY_MS }, NOW + 1000);
    expect(failed.alarmAt).toBe(NOW + DAY_MS + 5000);
    const rung = decide(failed.record, { type: "alarm" }, failed.alarmAt);
    expect(isReported(rung.effects)).toBe(true);
    const known = decide(failed.record, reported(failed.record), failed.alarmAt);
    expect(known.record.reportAt).toBeNull();
  });

  it("hears of a start when it has lasted, and of progress not by itself", ({ expect }) => {
    const begun = decide(job().record, BEGIN, NOW);
    expect([isReported(begun.effects), begun.record.reportAt]).toEqual([false, NOW + 2000]);
    const { record } = decide(begun.record, { type: "progress", failed: 0 }, NOW + 1000);
    expect(record).toBe(begun.record);
  });

  it("takes an answer for the state alone that it was about", ({ expect }) => {
    const { record } = after(BEGIN);
    const paused = decide(record, { type: "pause" }, NOW).record;
    const resumed = decide(paused, { type: "resume" }, NOW).record;
    expect(decide(resumed, reported(paused), NOW).record).toBe(resumed);
  });

  it("hears the last counts of a paused job, whose items in flight have ended", ({ expect }) => {
    const { record } = after(BEGIN, { type: "pause" });
    const rested = decide(record, rest(NOW), NOW);
    expect(isReported(rested.effects)).toBe(true);
    expect(rested.record.changes).toBe(record.changes + 1);
  });

  it("keeps what it has not heard of from expiring", ({ expect }) => {
    const { record } = after(BEGIN);
    const ended = decide(decide(record, rest(null), NOW).record, { type: "told" }, NOW).record;
    const late = decide(ended, { type: "unreported", until: NOW + 9 * DAY_MS }, NOW);
    expect(late.alarmAt).toBe(NOW + 9 * DAY_MS + 5000);
    expect(decide(late.record, { type: "alarm" }, late.alarmAt).effects).toEqual(["report"]);
    const known = decide(late.record, reported(late.record), late.alarmAt);
    expect(decide(known.record, { type: "alarm" }, late.alarmAt).effects).toEqual(["erase"]);
  });
});
