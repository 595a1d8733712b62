// Stubs of jobs. The only place that gives them a type: the platform's own mapping would turn each `unknown`
// inside an item into `never`.
import type { ItemResult, JobSummary } from "../domain/batches/batch";
import type { DueItem, Made } from "../domain/jobs/job";
import type { JobAction } from "../domain/batches/job-lifecycle";
import type { BatchWork } from "../domain/batches/job-record";
import type { EmptyJob } from "../domain/batches/submit-batch";
import { openObject } from "./objects";

/** The binding of the jobs. */
export type JobsEnv = Pick<Env, "JOBS">;

/** Result of an action; null if there is no such job. */
export type ActionResult = { readonly summary: JobSummary; readonly isDone: boolean } | null;

/** The interface of a job, called from outside. */
export interface JobStub extends EmptyJob {
  run(): Promise<void>;
  summary(): Promise<JobSummary | null>;
  results(
    from: number,
    limit: number,
    only: ItemResult["status"] | null,
  ): Promise<ResultPage | null>;
  act(action: JobAction): Promise<ActionResult>;
  remove(): Promise<boolean>;
  /**
   * Attempts items of another job, as its lane. Attempts are sent as JSON in UTF-8, in the form in which they
   * are stored: as objects, a chunk of large results can exceed the 32 MiB of one call.
   *
   * @param report takes attempts made so far; resolves with false if no further item may be started
   * @returns the attempts that were not reported
   */
  runItems(
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Uint8Array) => Promise<boolean>,
  ): Promise<Uint8Array>;
}

/** Encodes attempts for a call between a job and its lanes. */
export function writeMade(made: Made): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(made));
}

/** Decodes attempts. Not validated, since `writeMade` encoded them. */
export function readMade(json: Uint8Array): Made {
  return JSON.parse(new TextDecoder().decode(json)) as Made;
}

/** Results, and the index where the next page begins; null at the end. */
export interface ResultPage {
  readonly results: readonly ItemResult[];
  readonly next: number | null;
}

/** The job of this batch. */
export function batchJob({ JOBS }: JobsEnv, id: string): JobStub {
  return openObject<JobStub>(() => JOBS.getByName(`batch:${id}`));
}

/** The job of a batch that is being uploaded: a stream cannot be read twice, so no call is repeated. */
export function uploadJob({ JOBS }: JobsEnv, id: string): Pick<JobStub, "stage"> {
  return openObject<JobStub>(() => JOBS.getByName(`batch:${id}`), 1);
}

/** A lane of a job: another object, which stores nothing and has connections of its own. */
export function laneOf({ JOBS }: JobsEnv, jobName: string, lane: number): JobStub {
  // One attempt: its calls have effects elsewhere, so only the job decides about repeating them.
  return openObject<JobStub>(() => JOBS.getByName(`${jobName}/lane/${lane}`), 1);
}
