// The way to a job. The one place where its RPC stub gets its type: the platform's own mapping turns
// every `unknown` inside an item into `never`.
import type { ItemResult, JobSummary } from "../domain/batches/batch";
import type { DueItem, Made } from "../domain/jobs/job";
import type { JobAction } from "../domain/batches/job-lifecycle";
import type { BatchWork, NewChunk } from "../domain/batches/job-record";
import { openObject } from "./objects";

/** How an action ended; null where there is no job. */
export type ActionResult = { readonly summary: JobSummary; readonly isDone: boolean } | null;

/** What a job does, seen from outside. */
export interface JobStub {
  append(chunks: readonly NewChunk[]): Promise<void>;
  submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
  ): Promise<JobSummary>;
  run(): Promise<void>;
  summary(): Promise<JobSummary | null>;
  results(
    from: number,
    limit: number,
    only: ItemResult["status"] | null,
  ): Promise<ResultPage | null>;
  act(action: JobAction): Promise<ActionResult>;
  remove(): Promise<boolean>;
  discard(): Promise<void>;
  /**
   * Of a lane: attempts items that another job keeps. Attempts go over as JSON in UTF-8, as they will
   * be stored: as objects, a chunk of large results can be more than the 32 MiB that a call may carry.
   *
   * @param report takes what was made so far, and says whether further items may be started
   * @returns what was not reported
   */
  runItems(
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Uint8Array) => Promise<boolean>,
  ): Promise<Uint8Array>;
}

/** Attempts on their way between a job and its lanes. */
export function writeMade(made: Made): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(made));
}

/** Written by `writeMade`, so the shape is known. */
export function readMade(json: Uint8Array): Made {
  return JSON.parse(new TextDecoder().decode(json)) as Made;
}

/** Results and where they go on, or null at the end. */
export interface ResultPage {
  readonly results: readonly ItemResult[];
  readonly next: number | null;
}

/** The job of this batch. */
export function batchJob(env: Env, id: string): JobStub {
  return openObject<JobStub>(() => env.JOBS.getByName(`batch:${id}`));
}

/** A lane of a job: a further object, with connections of its own, and nothing to keep. */
export function laneOf(env: Env, jobName: string, lane: number): JobStub {
  // What it sends has an effect elsewhere: the job decides what is sent again.
  return openObject<JobStub>(() => env.JOBS.getByName(`${jobName}/lane/${lane}`), 1);
}
