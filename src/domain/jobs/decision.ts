// Decisions about a job: their shape, and the first one.
import { alarmOf } from "./alarm-of";
import type { JobRecord, JobWork } from "./job-record";

/**
 * Things to do after the record is saved. `run`: run items, or look again what may be started. `report`: tell the
 * register how the job stands.
 */
export type JobEffect = "run" | "announce" | "report" | "erase";

/** A decision: the record to save, what is to be done then, and when the alarm is to ring. */
export interface Decision<Work extends JobWork = JobWork> {
  readonly record: JobRecord<Work>;
  readonly effects: readonly JobEffect[];
  readonly alarmAt: number;
}

/** The decision to save a record and to do something about it. */
export function decided<Work extends JobWork>(
  record: JobRecord<Work>,
  effects: readonly JobEffect[],
  now: number,
): Decision<Work> {
  return { record, effects, alarmAt: alarmOf(record, now) };
}

/** A new job. It waits for its first run, or for its time. The register is told of it before anybody else is. */
export function createJob<Work extends JobWork>(
  work: Work,
  parts: Pick<JobRecord, "total" | "retentionMs" | "startAt">,
  now: number,
): Decision<Work> {
  const { startAt, retentionMs } = parts;
  const isLater = startAt !== null && startAt > now;
  const record: JobRecord<Work> = {
    version: 2,
    status: isLater ? "scheduled" : "queued",
    reason: null,
    work,
    ...parts,
    startedAt: null,
    finishedAt: null,
    run: 1,
    ranMs: 0,
    ranBefore: 0,
    runningSince: null,
    expiresAt: (isLater ? startAt : work.createdAt) + retentionMs,
    wakeAt: null,
    waiting: null,
    isUntold: false,
    changes: 0,
    reportAt: null,
  };
  return decided(record, isLater ? [] : ["run"], now);
}
