// The stored record of a job: everything but its items.
import type { BatchOptions, BatchStatus } from "./batch";
import type { DomainEvent } from "../notifications/events";

/** A job without its items. Times are milliseconds since 1970 UTC. */
export interface JobRecord {
  readonly status: BatchStatus;
  readonly work: BatchWork;
  readonly total: number;
  readonly startedAt: number | null;
  /** Null until nothing more happens: a job that is cancelled first ends what is under way. */
  readonly finishedAt: number | null;
  /** For how long it was running before the stretch that began at `runningSince`. */
  readonly ranMs: number;
  readonly runningSince: number | null;
  readonly expiresAt: number;
  readonly retentionMs: number;
  /** Present while a slice runs: found at the start of the next one, it tells of a crash. */
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
  readonly channels: readonly string[];
}

/** The items are data of an operation, or bodies of an endpoint's calls. */
export interface BatchWork {
  readonly kind: "batch";
  /** The batch's id. */
  readonly id: string;
  readonly createdAt: number;
  readonly operation: unknown;
  readonly options: BatchOptions;
  /** Scheme and host that the batch was sent to: outgoing calls may not go back there. */
  readonly origin: string;
  /** Whether it was sent with a token. */
  readonly hasToken: boolean;
  /** Whether the items are records of an export. */
  readonly isImport?: boolean;
  /** Channels that are told of the end, besides those that subscribe to it. */
  readonly notify: readonly string[];
}

/** A chunk on its way into the store: its items as a JSON array. */
export interface NewChunk {
  readonly first: number;
  readonly size: number;
  readonly items: string;
}

/** Whether its items are to be run. */
export function isActive({ status }: JobRecord): boolean {
  return status === "queued" || status === "running";
}

/** Whether it has not come to its end, be it that it was cancelled. */
export function isUnderWay(job: JobRecord): boolean {
  return isActive(job) || (job.status === "cancelled" && job.finishedAt === null);
}

/** The job with the stretch that it has been running until `now` added up. */
export function withoutStretch(job: JobRecord, now: number): JobRecord {
  const { ranMs, runningSince } = job;
  const stretch = runningSince === null ? 0 : Math.max(0, now - runningSince);
  return { ...job, ranMs: ranMs + stretch, runningSince: null };
}
