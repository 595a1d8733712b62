// The stored record of a job: everything but its items.
import type { BatchOptions, BatchStatus } from "./batch";
import type { DomainEvent } from "../notifications/events";

/** A job without its items. Times are milliseconds since 1970 UTC. */
export interface JobRecord {
  readonly status: BatchStatus;
  readonly work: BatchWork;
  readonly total: number;
  readonly startedAt: number | null;
  /** Null until the job is over. A cancelled job is over once the items in progress have finished. */
  readonly finishedAt: number | null;
  /** Milliseconds for which it ran before `runningSince`, pauses left out. */
  readonly ranMs: number;
  readonly runningSince: number | null;
  readonly expiresAt: number;
  readonly retentionMs: number;
  /** Present while a slice runs. If the next slice finds it, the one before was cut off by a crash. */
  readonly slice?: SliceMark;
  /** The event of the end while it is not handed over yet. */
  readonly announcement?: Announcement;
}

/** A slice at its start. */
interface SliceMark {
  /** Items that were finished when it began. */
  readonly done: number;
  /** Slices in a row that were cut off or failed without finishing any item. */
  readonly stuck: number;
}

/** An event and who is told of it. */
export interface Announcement {
  readonly event: DomainEvent;
  /** Absent in what version 0.1 stored, which nobody is told of any more. */
  readonly channels?: readonly string[];
}

/** Runs a batch: the items are data for an operation, or bodies of requests to an endpoint. */
export interface BatchWork {
  readonly kind: "batch";
  /** The batch's id. */
  readonly id: string;
  readonly createdAt: number;
  readonly operation: unknown;
  readonly options: BatchOptions;
  /** Scheme and host that the batch was sent to: outgoing calls must not go back there. */
  readonly origin: string;
  /** True if it was sent with a token. */
  readonly hasToken: boolean;
  /** True if the items are records of an export. */
  readonly isImport?: boolean;
  /** Channels that get the event of the end, besides those that subscribe to it. */
  readonly notify: readonly string[];
  /** Template of the call that each item, a row, makes. */
  readonly template?: unknown;
  /** Names of the columns of a batch that came as CSV. */
  readonly columns?: readonly string[];
  /** True if items have ids. */
  readonly hasIds?: boolean;
}

/** A chunk to be stored: its items as a JSON array. */
export interface NewChunk {
  readonly first: number;
  readonly size: number;
  readonly items: string;
  /** Ids of the items in order, as a JSON array with null for none; absent if none has one. */
  readonly ids?: string;
}

/** True if the job's items are to be run. */
export function isActive({ status }: JobRecord): boolean {
  return status === "queued" || status === "running";
}

/** True until the job has ended; a cancelled one ends after the items in progress. */
export function isUnderWay(job: JobRecord): boolean {
  return isActive(job) || (job.status === "cancelled" && job.finishedAt === null);
}

/** The job with the time of its current run, which lasts until `now`, added to `ranMs`. */
export function withoutStretch(job: JobRecord, now: number): JobRecord {
  const { ranMs, runningSince } = job;
  const stretch = runningSince === null ? 0 : Math.max(0, now - runningSince);
  return { ...job, ranMs: ranMs + stretch, runningSince: null };
}
