// The register of all batches: an entry each, as its job has reported it last.
import * as v from "valibot";
import type { PageQuery, RecordPage } from "../records/queries";
import { Batch, toBatch, type BatchStatus, type JobSummary } from "./batch";
import { isAtRest, type JobRecord } from "../jobs/job-record";

/** A batch in a list: the parts that the register knows. Counts of one that runs are those of its last report. */
export const ListedBatch = v.pick(Batch, [
  "id",
  "label",
  "metadata",
  "operation",
  "status",
  "reason",
  "run",
  "then",
  "total",
  "succeeded",
  "failed",
  "failed_by_code",
  "pending",
  "created_at",
  "started_at",
  "finished_at",
  "expires_at",
  "links",
]);
export type ListedBatch = v.InferOutput<typeof ListedBatch>;

/**
 * An entry of the register. `version`: changes of the job's state that it knows of. `is_at_rest`: absent in an entry of
 * version 0.2.
 */
export const BatchEntry = v.strictObject({
  ...ListedBatch.entries,
  version: v.number(),
  is_at_rest: v.exactOptional(v.boolean()),
});
export type BatchEntry = v.InferOutput<typeof BatchEntry>;

/** The entry of a job. */
export function toEntry(batchId: string, summary: JobSummary, job: JobRecord): BatchEntry {
  const { options: _, waiting: __, items_per_second, eta_ms, ...batch } = toBatch(batchId, summary);
  const { summary: made, summary_error, ...listed } = batch;
  return { ...listed, version: job.changes, is_at_rest: isAtRest(job) };
}

/** The batch of an entry, as lists show it. */
export function toListed(json: string): ListedBatch {
  const { version: _, is_at_rest: __, ...batch } = v.parse(BatchEntry, JSON.parse(json));
  return batch;
}

/** Filters of batches; an undefined one matches all. */
export interface BatchFilters {
  readonly status?: readonly BatchStatus[] | undefined;
  readonly label?: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly createdBefore?: number | undefined;
}

/** The register, strongly consistent. */
export interface BatchRegister {
  /** Keeps a report, unless a newer one is known or the batch was removed. May be repeated. */
  report(entry: BatchEntry): Promise<void>;
  page(query: PageQuery<BatchFilters>): Promise<RecordPage>;
  /** Has batches that are at rest looked at within a day, since their jobs are about to change. */
  watch(ids: readonly string[]): Promise<void>;
  /** Removes batches whose jobs are deleted, with the replies that tell of them. @returns how many were listed */
  unlist(ids: readonly string[], requestId: string): Promise<number>;
}
