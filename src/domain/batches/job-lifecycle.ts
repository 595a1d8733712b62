// Decides what an action, a slice or the end of a job changes in its record. Pure: stores nothing.
import type { BatchStatus, JobSummary } from "./batch";
import {
  type Announcement,
  isActive,
  type JobRecord,
  type BatchWork,
  withoutStretch,
} from "./job-record";

/** Actions on a batch. */
export const JOB_ACTIONS = ["cancel", "pause", "resume", "retry"] as const;
/** One of JOB_ACTIONS. */
export type JobAction = (typeof JOB_ACTIONS)[number];

const FROM: Record<JobAction, readonly BatchStatus[]> = {
  cancel: ["queued", "running", "paused"],
  pause: ["queued", "running"],
  resume: ["paused"],
  retry: ["completed"],
};

/**
 * Backoff after a slice that could not run a chunk at all; doubles with each further slice without a result.
 */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
/**
 * Slices in a row, about a quarter of an hour, that may be cut off without finishing an item. After them the
 * items that are due fail.
 */
const MAX_STUCK_SLICES = 20;

/** Counts of a job's finished items, and the instant when the last one finished. */
interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly lastResultAt: number | null;
}

/** A new job, which waits for its first slice. */
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

/** True if the status of the job allows the action. A retry also needs a failed item. */
export function canAct({ status }: JobRecord, action: JobAction, { failed }: Counts): boolean {
  return FROM[action].includes(status) && (action !== "retry" || failed > 0);
}

/** The job after a pause. It expires as if it had ended now. */
export function pauseJob(job: JobRecord, now: number): JobRecord {
  return { ...withoutStretch(job, now), status: "paused", expiresAt: now + job.retentionMs };
}

/** The job after a resume, or after a retry of its failed items. */
export function resumeJob(job: JobRecord, now: number): JobRecord {
  return { ...job, status: "running", finishedAt: null, runningSince: now };
}

/** The job at the start of a slice, or null if no item is to be run. */
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

/** True if so many slices in a row were cut off that the items which are due must fail. */
export function isStuck({ slice }: JobRecord): boolean {
  return (slice?.stuck ?? 0) >= MAX_STUCK_SLICES;
}

/** Milliseconds of backoff before the next slice, if this one is cut off or cannot run a chunk. */
export function sliceBackoff({ slice }: JobRecord): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (slice?.stuck ?? 0));
}

/** The job after a slice: at its end, or with its next slice at `alarmAt`, null if it waits for an action. */
export type AfterSlice = { readonly job: JobRecord } & (
  | { readonly end: "completed" | "cancelled" }
  | { readonly end: null; readonly alarmAt: number | null }
);

/** Outcome of a slice. */
interface SliceOutcome {
  /** Items of the whole job that have failed for good. */
  readonly failed: number;
  /** The instant when the next item is due, or null if all are finished. */
  readonly nextDueAt: number | null;
  /** True if a chunk could not be run at all, such as when its lane did not answer. */
  readonly hasFailedChunks: boolean;
}

/** Decides how a job goes on after a slice. */
export function afterSlice(
  begun: JobRecord,
  { failed, nextDueAt, hasFailedChunks }: SliceOutcome,
  now: number,
): AfterSlice {
  const { slice: _, ...unmarked } = begun;
  // Keeps the mark of the slice, so that the next one counts this one as cut off and the backoff grows.
  const job: JobRecord = hasFailedChunks ? begun : unmarked;
  if (job.status === "cancelled") return { job, end: "cancelled" };
  if (nextDueAt === null) return { job, end: "completed" };
  if (job.status !== "running") return { job, end: null, alarmAt: null };
  if (hasFailedEnough(job, failed)) return { job, end: "cancelled" };
  const backoffMs = hasFailedChunks ? sliceBackoff(begun) : 0;
  return { job, end: null, alarmAt: Math.max(nextDueAt, now + backoffMs) };
}

/** True if as many items have failed as `stop_after_failures` allows. */
export function hasFailedEnough({ work }: JobRecord, failed: number): boolean {
  const limit = work.options.stop_after_failures;
  return limit !== undefined && failed >= limit;
}

/** The job at its end. */
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

/** The summary of a job. */
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
