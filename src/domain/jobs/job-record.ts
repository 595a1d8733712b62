// The stored record of a job: everything but its items.

/** All states of a job. */
export const JOB_STATUSES = [
  "scheduled",
  "queued",
  "running",
  "paused",
  "cancelled",
  "completed",
] as const;
/** One of JOB_STATUSES. */
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Reasons of a pause or a cancellation. */
export const JOB_REASONS = ["by-request", "failures", "timeout", "quota"] as const;
/** One of JOB_REASONS. */
export type JobReason = (typeof JOB_REASONS)[number];

/** Options that the engine obeys. */
export interface JobOptions {
  /** Items in flight. */
  readonly concurrency: number;
  /** Starts, as in `10/s`. */
  readonly rate?: string;
  readonly max_attempts?: number;
  readonly stop_after_failures?: number;
  /** Seconds from the start of a run, pauses not counted. */
  readonly timeout_s?: number;
}

/** Seconds that a job may take, at most, and if it does not say. */
export const DEFAULT_TIMEOUT_S = 86_400;

/** Runs in a row, about a quarter of an hour, that may be cut off without finishing an item. Then those due fail. */
const MAX_STUCK = 20;

/** Work of a job, as far as the engine knows it. */
export interface JobWork {
  readonly createdAt: number;
  readonly options: JobOptions;
}

/** A job without its items. Times are milliseconds since 1970 UTC. */
export interface JobRecord<Work extends JobWork = JobWork> {
  /** Version of the stored shape. */
  readonly version: 2;
  readonly status: JobStatus;
  readonly reason: JobReason | null;
  readonly work: Work;
  readonly total: number;
  /** The instant before which nothing is run; null for none. */
  readonly startAt: number | null;
  readonly startedAt: number | null;
  /** Null until the job is over. A cancelled job is over once the items in flight have ended. */
  readonly finishedAt: number | null;
  /** Runs that have begun: the first one, and one for each retry by the user. */
  readonly run: number;
  /** True if the run was asked for some items alone, which are marked with its number; others stay pending. */
  readonly isPartial?: boolean;
  /** Items that had failed before this run. */
  readonly failedBefore?: number;
  /** Milliseconds for which it ran before `runningSince`, pauses left out. */
  readonly ranMs: number;
  /** `ranMs` at the beginning of this run. */
  readonly ranBefore: number;
  readonly runningSince: number | null;
  readonly expiresAt: number;
  readonly retentionMs: number;
  /** The instant at which it goes on by itself, while it rests between two runs; null while it does not. */
  readonly wakeAt: number | null;
  /** Items that wait for their next attempt while the job rests, and the instant of the first such attempt. */
  readonly waiting: { readonly items: number; readonly until: number } | null;
  /** Present while it runs. If the next beginning finds it, the run before was cut off. */
  readonly slice?: SliceMark;
  /** Runs in a row that could reach nothing; absent for none. */
  readonly outages?: number;
  /** True from its end until that is told. */
  readonly isUntold: boolean;
  /** Changes of status, reason and times so far: of two reports, that of fewer changes is older. */
  readonly changes: number;
  /** The instant from which it is to be reported to the register; null while the register knows it. */
  readonly reportAt: number | null;
}

/** The mark that a run leaves at its beginning, and takes away at its end. */
export interface SliceMark {
  /** Items that were finished when it began. */
  readonly done: number;
  /** Runs in a row that were cut off without finishing any item. */
  readonly stuck: number;
}

/** True if items of the job are to be run now. */
export function isActive({ status }: Pick<JobRecord, "status">): boolean {
  return status === "queued" || status === "running";
}

/** True until the job has ended; a cancelled one ends after the items in flight. */
export function isUnderWay(job: Pick<JobRecord, "finishedAt">): boolean {
  return job.finishedAt === null;
}

/** True while nothing is left to do but to delete the job in the end. */
export function isAtRest(job: JobRecord): boolean {
  const isPaused = job.status === "paused" && job.reason !== "quota";
  return (isPaused || !isUnderWay(job)) && !job.isUntold;
}

/** Milliseconds for which the job has run by `now`. */
export function ranMsAt({ ranMs, runningSince }: JobRecord, now: number): number {
  return ranMs + (runningSince === null ? 0 : Math.max(0, now - runningSince));
}

/** The instant at which the time of this run is over, if nothing pauses it; Infinity while it does not run. */
export function deadlineOf(job: JobRecord): number {
  const { runningSince } = job;
  return runningSince === null ? Infinity : runningSince + leftMsAt(job, runningSince);
}

/** Milliseconds that this run may still take. */
export function leftMsAt(job: JobRecord, now: number): number {
  const { timeout_s = DEFAULT_TIMEOUT_S } = job.work.options;
  return timeout_s * 1000 - (ranMsAt(job, now) - job.ranBefore);
}

/** True if so many runs in a row were cut off that the items which are due must fail. */
export function isStuck({ slice }: JobRecord): boolean {
  return (slice?.stuck ?? 0) >= MAX_STUCK;
}

/** The job with the time of its current stretch added to `ranMs`. */
export function withoutStretch<Work extends JobWork>(
  record: JobRecord<Work>,
  now: number,
): JobRecord<Work> {
  return { ...record, ranMs: ranMsAt(record, now), runningSince: null };
}
