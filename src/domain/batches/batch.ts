// Schemas of batches as callers see them: options, status and results.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import { strictObject } from "../../lib/strict-object";
import { ItemCode } from "./item-code";
import type { ItemState } from "../jobs/job";
import { CONNECTIONS_PER_INVOCATION, MAX_STREAMED_ITEMS } from "../platform";

/** Attempts at an item that a batch may ask for, at most. */
const MAX_ATTEMPTS = 10;
/** Attempts at an item if the batch does not set `max_attempts`. */
export const DEFAULT_MAX_ATTEMPTS = 3;

const whole = (min: number, max: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(description));

/** Options of a batch. */
export const BatchOptions = strictObject({
  concurrency: v.optional(
    whole(
      1,
      CONNECTIONS_PER_INVOCATION,
      `Items at once in one lane. At ${CONNECTIONS_PER_INVOCATION} a large batch spreads over several lanes; below, there is one lane.`,
    ),
    CONNECTIONS_PER_INVOCATION,
  ),
  max_attempts: v.exactOptional(
    whole(
      1,
      MAX_ATTEMPTS,
      `For items that fail for a reason that may pass: ${DEFAULT_MAX_ATTEMPTS} where it is not given, but 1 for calls with POST or PATCH, which may have had their effect.`,
    ),
  ),
  stop_after_failures: v.exactOptional(
    whole(1, MAX_STREAMED_ITEMS, "The batch is cancelled once so many items have failed."),
  ),
});
export type BatchOptions = v.InferOutput<typeof BatchOptions>;

/** All states of a batch. */
export const BatchStatus = v.picklist(["queued", "running", "paused", "cancelled", "completed"]);
export type BatchStatus = v.InferOutput<typeof BatchStatus>;

const Instant = v.pipe(v.string(), v.isoTimestamp());
const Count = v.pipe(v.number(), v.minValue(0));

/** A batch, with its status and counts. */
export const Batch = v.strictObject({
  id: v.string(),
  operation: v.pipe(v.unknown(), v.description("As it was asked for.")),
  status: BatchStatus,
  total: Count,
  succeeded: Count,
  failed: Count,
  pending: Count,
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
    v.description("Remaining time at this pace; null when unknown, or paused."),
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
  if (status === "pending") return null;
  return status === "succeeded"
    ? { index, status, output: state.output, attempts }
    : // Stored errors were made by `run-items` and the engine, which know no other codes.
      { index, status, error: state.error as ItemFailure, attempts };
}

/** A batch, with its results if the caller waited for them. */
export const BatchReply = v.strictObject({
  ...Batch.entries,
  results: v.exactOptional(v.array(ItemResult)),
  next_cursor: v.exactOptional(v.nullable(v.string())),
});

/** Status and counts of a job. Times are milliseconds since 1970 UTC. */
export interface JobSummary {
  readonly status: BatchStatus;
  readonly operation: unknown;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly expiresAt: number;
  /** The instant when the last item finished. */
  readonly lastResultAt: number | null;
  /** Milliseconds for which it has run, without pauses and the time between its end and a retry. */
  readonly ranMs: number;
}

/**
 * Converts a job's summary to its batch. Equal summaries give equal batches, so the ETag can be a hash of it.
 */
export function toBatch(id: string, job: JobSummary): Batch {
  const { status, operation, total, succeeded, failed } = job;
  const pending = total - succeeded - failed;
  const done = succeeded + failed;
  const perSecond = done === 0 ? null : (done * 1000) / Math.max(1, job.ranMs);
  return {
    id,
    operation,
    status,
    total,
    succeeded,
    failed,
    pending,
    created_at: toIsoTime(job.createdAt),
    started_at: job.startedAt === null ? null : toIsoTime(job.startedAt),
    finished_at: job.finishedAt === null ? null : toIsoTime(job.finishedAt),
    expires_at: toIsoTime(job.expiresAt),
    items_per_second: perSecond === null ? null : Math.round(perSecond * 10) / 10,
    eta_ms: etaOf(job, pending, perSecond),
    links: linksOf(id),
  };
}

function etaOf({ status, finishedAt }: JobSummary, pending: number, perSecond: number | null) {
  if (finishedAt !== null) return 0;
  if (perSecond === null || status === "paused" || status === "cancelled") return null;
  return Math.round((pending * 1000) / perSecond);
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
