// A small batch that only computes is run before it is stored, and the register keeps the whole of it: no object is made
// for it. Only once it is steered does it become a job.
import type { Counts } from "../jobs/job";
import type { JobRecord } from "../jobs/job-record";
import type { BatchWork, Steered } from "./job-record";
import { summarizeJob, type JobSummary } from "./batch";
import type { ResultsQuery, StoredPage } from "./results";
import type { Refusal } from "../errors";
import type { BatchEntry } from "./register";

/** A batch that has ended, with its items and results. */
export interface KeptBatch {
  readonly record: JobRecord<BatchWork>;
  readonly counts: Counts;
  /** All items, as a JSON array. */
  readonly items: string;
  /** Their states as JSON, as a job stores them. */
  readonly states: string;
  /** As of `NewChunk`. */
  readonly ids?: string;
}

/** The whole batches of the register. Null stands for a batch that it does not keep, or no more. */
export interface KeptBatches {
  /**
   * Keeps a batch, and lists it. May be repeated.
   *
   * @param batch `KeptBatch` as JSON
   * @returns null if it is new, the batch if it was kept already, or `full` if there is no room
   */
  keep(entry: BatchEntry, batch: string): Promise<JobSummary | "full" | null>;
  /** The status of a batch, with a page of its results, which is empty without a query. */
  readKept(id: string, query: ResultsQuery | null): Promise<StoredPage | null>;
  /** Removes batches for good. @returns what became of each, in order */
  removeKept(ids: readonly string[], by: Steered): Promise<(Refusal | boolean | null)[]>;
  /**
   * Gives a batch to its job, which alone is asked from then on. May be repeated.
   *
   * @param isWanted false for one that was handed over already
   */
  handOver(id: string, isWanted: boolean): Promise<KeptBatch | null>;
}

/** The summary of a batch that is not run at the moment, and makes none of its outputs. */
export function summarizeKept(
  { record, counts }: Pick<KeptBatch, "record" | "counts">,
  now: number,
): JobSummary {
  return summarizeJob(record, { counts, waiting: null, outputSummary: null }, now);
}

/** The place of the variant in an id: of its digit, two bits of four are random (RFC 9562 §4.1). */
const VARIANT_AT = 19;
const KEPT = "b";
const OTHER = "9";

/** True for the id of a batch that the register is asked for first. */
export function isKeptId(id: string): boolean {
  return id[VARIANT_AT] === KEPT;
}

/** A random id (UUIDv4) that tells whether the register is asked for its batch first. */
export function markedId(id: string, isKept: boolean): string {
  if (isKeptId(id) === isKept) return id;
  return `${id.slice(0, VARIANT_AT)}${isKept ? KEPT : OTHER}${id.slice(VARIANT_AT + 1)}`;
}
