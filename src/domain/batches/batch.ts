// Schemas of batches as callers see them: options, status and results.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { toIsoTime } from "../../lib/iso-time";
import { strictObject } from "../../lib/strict-object";
import { ItemCode } from "./item-code";
import { RATE, rateIntervalMs } from "../../lib/rate";
import type { Counts, ItemState } from "../jobs/job";
import type { BatchWork } from "./job-record";
import type { JobReason, JobRecord, JobStatus } from "../jobs/job-record";
import { DEFAULT_TIMEOUT_S, JOB_REASONS, JOB_STATUSES, ranMsAt } from "../jobs/job-record";
import { CONNECTIONS_PER_INVOCATION, MAX_STREAMED_ITEMS } from "../platform";

/** Attempts at an item that a batch may ask for, at most. */
const MAX_ATTEMPTS = 10;
/** Attempts at an item if the batch does not set `max_attempts`. */
export const DEFAULT_MAX_ATTEMPTS = 3;

const whole = (min: number, max: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(description));

const MAX_RATE_CHARACTERS = 12;
/** Items in flight that a batch may ask for, at most: eight lanes with six connections each. */
const MAX_CONCURRENCY = 48;

/** Options of a batch. */
export const BatchOptions = strictObject({
  concurrency: v.optional(
    whole(
      1,
      MAX_CONCURRENCY,
      "Items in flight at every moment while any are left. Operations that only compute run in chunks.",
    ),
    CONNECTIONS_PER_INVOCATION,
  ),
  rate: v.exactOptional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_RATE_CHARACTERS),
      v.regex(RATE, "Not a rate such as 10/s, 60/min, 100/h, 1000/day"),
      v.description("Starts of calls, evenly spaced: 10/s, 60/min, 100/h, 1000/day."),
    ),
  ),
  max_attempts: v.exactOptional(
    whole(
      1,
      MAX_ATTEMPTS,
      `For items that fail for a reason that may pass: ${DEFAULT_MAX_ATTEMPTS} where it is not given, but 1 for calls with POST or PATCH, which may have had their effect. A call's own \`retries\` wins. Flow control uses up none.`,
    ),
  ),
  stop_after_failures: v.exactOptional(
    whole(1, MAX_STREAMED_ITEMS, "The batch is cancelled once so many items have failed."),
  ),
  timeout_s: v.exactOptional(
    whole(
      1,
      DEFAULT_TIMEOUT_S,
      `Seconds from its start, pauses not counted, after which the batch is cancelled: ${DEFAULT_TIMEOUT_S} if not given; without a token 3600 at most, and if not given.`,
    ),
  ),
});
export type BatchOptions = v.InferOutput<typeof BatchOptions>;

/** All states of a batch. */
export const BatchStatus = v.picklist(JOB_STATUSES);
export type BatchStatus = v.InferOutput<typeof BatchStatus>;

/** The reason of a pause or a cancellation. */
export const BatchReason = v.nullable(v.picklist(JOB_REASONS));

const Instant = v.pipe(v.string(), v.isoTimestamp());
const Count = v.pipe(v.number(), v.minValue(0));

/** A batch, with its status and counts. */
export const Batch = v.strictObject({
  id: v.string(),
  operation: v.pipe(v.unknown(), v.description("As it was asked for.")),
  status: BatchStatus,
  reason: v.pipe(BatchReason, v.description("Of a pause or a cancellation.")),
  total: Count,
  succeeded: Count,
  failed: Count,
  failed_by_code: v.pipe(v.record(v.string(), Count), v.description("Failed items by code.")),
  pending: Count,
  waiting: v.pipe(
    v.nullable(v.strictObject({ items: Count, until: Instant })),
    v.description(
      "Items that wait for their next attempt, and when the first of them is due; null for none.",
    ),
  ),
  created_at: Instant,
  started_at: v.nullable(Instant),
  finished_at: v.pipe(
    v.nullable(Instant),
    v.description(
      "Null until nothing more happens: a cancelled batch still ends what is under way.",
    ),
  ),
  expires_at: v.pipe(Instant, v.description("When the batch and its results are deleted.")),
  items_per_second: v.pipe(
    v.nullable(v.number()),
    v.description("While it ran, pauses left out; null before the first result."),
  ),
  eta_ms: v.pipe(
    v.nullable(v.number()),
    v.description(
      "Remaining time at this pace, known waits included; null when unknown, or paused.",
    ),
  ),
  links: v.record(v.string(), v.string()),
});
export type Batch = v.InferOutput<typeof Batch>;

/**
 * Error of a failed item: a code for programs, a sentence for people, and fields that depend on the
 * operation.
 */
export const ItemFailure = v.looseObject({ code: ItemCode, detail: v.string() });
export type ItemFailure = v.InferOutput<typeof ItemFailure>;

/** Result of a finished item. */
export const ItemResult = v.strictObject({
  index: v.number(),
  status: v.picklist(["succeeded", "failed"]),
  output: v.exactOptional(v.unknown()),
  error: v.exactOptional(ItemFailure),
  attempts: v.number(),
});
export type ItemResult = v.InferOutput<typeof ItemResult>;

/** The result of a finished item, or null for one that is pending. */
export function toResult(index: number, state: ItemState): ItemResult | null {
  const { status, attempts } = state;
  if (status === "succeeded") return { index, status, output: state.output, attempts };
  if (status !== "failed") return null;
  // Stored errors were made by `run-items` and the engine, which know no other codes.
  return { index, status, error: state.error as ItemFailure, attempts };
}

/** A batch, with its results if the caller waited for them. */
export const BatchReply = v.strictObject({
  ...Batch.entries,
  results: v.exactOptional(v.array(ItemResult)),
  next_cursor: v.exactOptional(v.nullable(v.string())),
});

/** Status and counts of a job. Times are milliseconds since 1970 UTC. */
export interface JobSummary extends Counts {
  readonly status: JobStatus;
  readonly reason: JobReason | null;
  readonly operation: unknown;
  readonly total: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly expiresAt: number;
  readonly waiting: JobRecord["waiting"];
  /** Milliseconds for which it has run, without pauses and the time between its end and a retry. */
  readonly ranMs: number;
  /** Milliseconds that what is left takes at least: waits that are known, and the pace that is asked for. */
  readonly leastMs: number;
}

/** The summary of a job. */
export function summarizeJob(
  job: JobRecord<BatchWork>,
  counts: Counts,
  waiting: JobRecord["waiting"],
  now: number,
): JobSummary {
  const { status, reason, work, total, startedAt, finishedAt, expiresAt } = job;
  const { createdAt, operation, options } = work;
  const pending = total - counts.succeeded - counts.failed;
  const pacedMs = options.rate === undefined ? 0 : pending * rateIntervalMs(options.rate);
  return {
    status,
    reason,
    operation,
    total,
    createdAt,
    startedAt,
    finishedAt,
    expiresAt,
    ...counts,
    waiting,
    ranMs: ranMsAt(job, counts.lastResultAt ?? 0),
    leastMs: Math.max(pacedMs, waiting === null ? 0 : waiting.until - now),
  };
}

/**
 * Converts a job's summary to its batch. Equal summaries give equal batches, so the ETag can be a hash of it.
 */
export function toBatch(id: string, job: JobSummary): Batch {
  const { status, reason, operation, total, succeeded, failed, waiting } = job;
  const pending = total - succeeded - failed;
  const done = succeeded + failed;
  const perSecond = done === 0 ? null : (done * 1000) / Math.max(1, job.ranMs);
  return {
    id,
    operation,
    status,
    reason,
    total,
    succeeded,
    failed,
    failed_by_code: { ...job.failedByCode },
    pending,
    waiting: waiting && { items: waiting.items, until: toIsoTime(waiting.until) },
    created_at: toIsoTime(job.createdAt),
    started_at: job.startedAt === null ? null : toIsoTime(job.startedAt),
    finished_at: job.finishedAt === null ? null : toIsoTime(job.finishedAt),
    expires_at: toIsoTime(job.expiresAt),
    items_per_second: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    eta_ms: etaOf(job, pending, perSecond),
    links: linksOf(id),
  };
}

function etaOf(
  { status, finishedAt, leastMs }: JobSummary,
  pending: number,
  perSecond: number | null,
) {
  if (finishedAt !== null) return 0;
  if (status !== "queued" && status !== "running") return null;
  if (perSecond === null) return leastMs > 0 ? Math.round(leastMs) : null;
  return Math.round(Math.max(leastMs, (pending * 1000) / perSecond));
}

/**
 * True if nothing more will happen to a batch without a request. A cancelled one first finishes the items
 * that are under way.
 */
export function isOver({ finishedAt }: Pick<JobSummary, "finishedAt">): boolean {
  return finishedAt !== null;
}

function linksOf(id: string): Record<string, string> {
  const self = `/batch-process/${id}`;
  const actions = ["results", "events", "cancel", "pause", "resume", "retry"];
  return { self, ...Object.fromEntries(actions.map((action) => [action, `${self}/${action}`])) };
}
