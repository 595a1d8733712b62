// The life of a job: what its actions, its slices and its end make of its record. Nothing is stored here.
import type { BatchStatus, JobSummary } from "./batch";
import {
  type Announcement,
  isActive,
  type JobRecord,
  type BatchWork,
  withoutStretch,
} from "./job-record";

/** What can be asked of a batch besides reading it. */
export const JOB_ACTIONS = ["cancel", "pause", "resume", "retry"] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

const FROM: Record<JobAction, readonly BatchStatus[]> = {
  cancel: ["queued", "running", "paused"],
  pause: ["queued", "running"],
  resume: ["paused"],
  retry: ["completed"],
};

/** After a slice in which a chunk could not be run at all; twice as long after each further one without a result. */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
/** Slices cut off in a row without a finished item, a quarter of an hour long: then those items are given up. */
const MAX_STUCK_SLICES = 20;

/** Finished items of a job, and when the last of them came in. */
interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly lastResultAt: number | null;
}

/** A job that waits for its first slice. */
export function createJob(work: BatchWork, total: number, retentionMs: number): JobRecord {
  return {
    status: "queued",
    work,
    total,
    startedAt: null,
    finishedAt: null,
    ranMs: 0,
    runningSince: null,
    expiresAt: work.createdAt + retentionMs,
    retentionMs,
  };
}

/** Whether an action is possible in the job's status. A retry needs something that failed. */
export function canAct({ status }: JobRecord, action: JobAction, { failed }: Counts): boolean {
  return FROM[action].includes(status) && (action !== "retry" || failed > 0);
}

/** A paused job: it expires as if it had ended now. */
export function pauseJob(job: JobRecord, now: number): JobRecord {
  return { ...withoutStretch(job, now), status: "paused", expiresAt: now + job.retentionMs };
}

/** A job that runs again, after a pause or its end. */
export function resumeJob(job: JobRecord, now: number): JobRecord {
  return { ...job, status: "running", finishedAt: null, runningSince: now };
}

/** A job at the start of a slice, or null where there is nothing to run. */
export function beginSlice(job: JobRecord, counts: Counts, now: number): JobRecord | null {
  if (!isActive(job)) return null;
  const done = counts.succeeded + counts.failed;
  return {
    ...job,
    status: "running",
    startedAt: job.startedAt ?? now,
    runningSince: job.runningSince ?? now,
    slice: { done, stuck: job.slice?.done === done ? job.slice.stuck + 1 : 0 },
  };
}

/** Whether so many slices were cut off in a row that the items which are due are given up. */
export function isStuck({ slice }: JobRecord): boolean {
  return (slice?.stuck ?? 0) >= MAX_STUCK_SLICES;
}

/** Milliseconds before the next slice, where this one was cut off or could not run a chunk. */
export function sliceBackoff({ slice }: JobRecord): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (slice?.stuck ?? 0));
}

/** What comes after a slice: the job's end, or the next slice at `alarmAt`; null where an action is awaited. */
export type AfterSlice = { readonly job: JobRecord } & (
  | { readonly end: "completed" | "cancelled" }
  | { readonly end: null; readonly alarmAt: number | null }
);

/** What came of a slice. */
interface SliceOutcome {
  /** Items of the job that have failed for good. */
  readonly failed: number;
  /** When the next item is due, or null where all are finished. */
  readonly nextDueAt: number | null;
  /** Whether a chunk could not be run at all. */
  readonly hasFailedChunks: boolean;
}

/** Decides what comes after a slice. */
export function afterSlice(
  begun: JobRecord,
  { failed, nextDueAt, hasFailedChunks }: SliceOutcome,
  now: number,
): AfterSlice {
  const { slice: _, ...unmarked } = begun;
  // A slice that failed counts as cut off.
  const job: JobRecord = hasFailedChunks ? begun : unmarked;
  if (job.status === "cancelled") return { job, end: "cancelled" };
  if (nextDueAt === null) return { job, end: "completed" };
  if (job.status !== "running") return { job, end: null, alarmAt: null };
  if (hasFailedEnough(job, failed)) return { job, end: "cancelled" };
  const backoffMs = hasFailedChunks ? sliceBackoff(begun) : 0;
  return { job, end: null, alarmAt: Math.max(nextDueAt, now + backoffMs) };
}

/** Whether as many items have failed as the batch stops after. */
export function hasFailedEnough({ work }: JobRecord, failed: number): boolean {
  const limit = work.options.stop_after_failures;
  return limit !== undefined && failed >= limit;
}

/** A job at its end. */
export function finishJob(
  job: JobRecord,
  status: "completed" | "cancelled",
  announcement: Announcement | undefined,
  now: number,
): JobRecord {
  return {
    ...withoutStretch(job, now),
    status,
    finishedAt: now,
    expiresAt: now + job.retentionMs,
    ...(announcement && { announcement }),
  };
}

/** How far a job is. */
export function summarizeJob(job: JobRecord, counts: Counts): JobSummary {
  const { status, work, total, startedAt, finishedAt, expiresAt } = job;
  return {
    status,
    operation: work.operation,
    total,
    createdAt: work.createdAt,
    startedAt,
    finishedAt,
    expiresAt,
    ...counts,
    ranMs: withoutStretch(job, counts.lastResultAt ?? 0).ranMs,
  };
}
