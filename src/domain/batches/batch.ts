// Schemas of batches as callers see them: options, status and results.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import { oneLine } from "../text";
import { canAct, JOB_ACTIONS, type JobAction } from "../jobs/transitions";
import { StoredMetadata, type Metadata } from "../records/metadata";
import { BatchOptions } from "./batch-options";
import { ItemFailure, ItemResult } from "./item-result";
import { rateIntervalMs } from "../../lib/rate";
import type { Counts } from "../jobs/job";
import type { BatchWork } from "./job-record";
import type { OutputSummary } from "./output-summary";
import type { JobReason, JobRecord, JobStatus } from "../jobs/job-record";
import { JOB_REASONS, JOB_STATUSES, leftMsAt, ranMsAt } from "../jobs/job-record";

const MAX_LABEL_CHARACTERS = 200;

/** A name for people, by which batches are found again. */
export const BatchLabel = v.pipe(
  oneLine(MAX_LABEL_CHARACTERS),
  v.description("A name for people; batches are listed by it."),
);

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
  label: v.nullable(v.string()),
  metadata: StoredMetadata,
  operation: v.pipe(v.unknown(), v.description("As it was asked for.")),
  options: v.pipe(BatchOptions, v.description("As they are now.")),
  status: BatchStatus,
  reason: v.pipe(BatchReason, v.description("Of a pause or a cancellation.")),
  run: v.pipe(Count, v.description("1 for the first; each retry is a further one.")),
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
  then: v.pipe(v.unknown(), v.description("As it was asked for; null for none.")),
  summary: v.pipe(
    v.unknown(),
    v.description(
      "What `then` makes of the outputs, once the batch is over; made anew by a retry.",
    ),
  ),
  summary_error: v.pipe(
    v.nullable(ItemFailure),
    v.description(
      "Why there is no `summary`; beside one, that outputs were left out which it cannot take.",
    ),
  ),
  links: v.record(v.string(), v.string()),
});
export type Batch = v.InferOutput<typeof Batch>;

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
  readonly options: BatchOptions;
  readonly label: string | null;
  readonly metadata: Metadata;
  /** The summary operation; null for none. */
  readonly summaryOperation: unknown;
  /** The summary of the outputs, once the job is over; else null. */
  readonly outputSummary: OutputSummary | null;
  /** Names of the columns of a batch that came as CSV; null for any other. */
  readonly columns: readonly string[] | null;
  readonly hasIds: boolean;
  readonly run: number;
  readonly total: number;
  readonly createdAt: number;
  readonly startAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly expiresAt: number;
  readonly waiting: JobRecord["waiting"];
  /** Milliseconds for which it has run, without pauses and the time between its end and a retry. */
  readonly ranMs: number;
  /** Milliseconds that what is left takes at least: waits that are known, and the pace that is asked for. */
  readonly leastMs: number;
  /** Milliseconds after which it is cancelled, whatever is left: waits may be longer. */
  readonly mostMs: number;
}

/** Facts about a job that are not in its record. */
export interface JobFacts {
  readonly counts: Counts;
  readonly waiting: JobRecord["waiting"];
  readonly outputSummary: OutputSummary | null;
}

/** The summary of a job. */
export function summarizeJob(
  job: JobRecord<BatchWork>,
  { counts, waiting, outputSummary }: JobFacts,
  now: number,
): JobSummary {
  const { status, reason, work, total, startedAt, finishedAt, expiresAt } = job;
  const { createdAt, operation, options, label = null, metadata = {} } = work;
  const pending = total - counts.succeeded - counts.failed;
  const pacedMs = options.rate === undefined ? 0 : pending * rateIntervalMs(options.rate);
  return {
    status,
    reason,
    operation,
    options,
    label,
    metadata,
    summaryOperation: work.then ?? null,
    // While a retry runs, what the run before made is not shown.
    outputSummary: finishedAt === null ? null : outputSummary,
    columns: work.columns ?? null,
    hasIds: work.hasIds ?? false,
    run: job.run,
    total,
    createdAt,
    startAt: job.startAt,
    startedAt,
    finishedAt,
    expiresAt,
    ...counts,
    waiting,
    ranMs: ranMsAt(job, counts.lastResultAt ?? 0),
    leastMs: Math.max(pacedMs, waiting === null ? 0 : waiting.until - now),
    mostMs: Math.max(0, leftMsAt(job, now)),
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
    label: job.label,
    metadata: job.metadata,
    operation,
    options: job.options,
    status,
    reason,
    run: job.run,
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
    then: job.summaryOperation,
    summary: job.outputSummary?.value ?? null,
    summary_error: job.outputSummary?.error ?? null,
    links: linksOf(id, job),
  };
}

/** A text that is the same as long as a batch shows the same, but for its pace. */
export function shownOf(id: string, job: JobSummary): string {
  const shown = { ...toBatch(id, job), items_per_second: null, eta_ms: null };
  return JSON.stringify([shown, job.lastResultAt]);
}

/** True if a batch does not show what it is to show; undefined for anything. */
export function showsOther(job: JobSummary, id: string, shown: string | undefined): boolean {
  return shown !== undefined && shownOf(id, job) !== shown;
}

function etaOf(
  { status, finishedAt, leastMs, mostMs }: JobSummary,
  pending: number,
  perSecond: number | null,
) {
  if (finishedAt !== null) return 0;
  if (status !== "queued" && status !== "running") return null;
  if (perSecond === null && leastMs <= 0) return null;
  const pacedMs = perSecond === null ? 0 : (pending * 1000) / perSecond;
  return Math.round(Math.min(Math.max(leastMs, pacedMs), mostMs));
}

/**
 * True if nothing more will happen to a batch without a request. A cancelled one first finishes the items
 * that are under way.
 */
export function isOver({ finishedAt }: Pick<JobSummary, "finishedAt">): boolean {
  return finishedAt !== null;
}

/** True if an action would do something to a batch as it is. */
function canSteer(job: JobSummary, action: JobAction): boolean {
  return canAct(job, action) && (action !== "retry" || job.succeeded < job.total);
}

/** Addresses of a batch and of what may be done to it now. */
function linksOf(id: string, job: JobSummary): Record<string, string> {
  const self = `/batch-process/${id}`;
  const actions = ["results", "events", ...JOB_ACTIONS.filter((action) => canSteer(job, action))];
  return { self, ...Object.fromEntries(actions.map((action) => [action, `${self}/${action}`])) };
}
