// The way to a job. The one place where its RPC stub gets its type: the platform's own mapping turns
// every `unknown` inside an item into `never`.
import type { ItemResult, JobSummary } from "../domain/batch";
import type { Attempt, DueItem } from "../domain/job";
import type { JobWork, NewChunk } from "./job-store";

/** What can be asked of a batch besides reading it. */
export const JOB_ACTIONS = ["cancel", "pause", "resume", "retry"] as const;
export type JobAction = (typeof JOB_ACTIONS)[number];

/** How an action ended; null where there is no job. */
export type ActionResult = { readonly summary: JobSummary; readonly isDone: boolean } | null;

/** What a job does, seen from outside. */
export interface JobStub {
  append(chunks: readonly NewChunk[]): Promise<void>;
  submit(
    work: JobWork,
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
  /** Of a lane: attempts items that another job keeps. */
  runItems(work: JobWork, due: readonly DueItem[]): Promise<Attempt[]>;
}

/** Results and where they go on, or null at the end. */
export interface ResultPage {
  readonly results: readonly ItemResult[];
  readonly next: number | null;
}

/** The job of this batch. */
export function batchJob(env: Env, id: string): JobStub {
  return env.JOBS.getByName(`batch:${id}`);
}

/** A lane of a job: a further object, with connections of its own, and nothing to keep. */
export function laneOf(env: Env, jobName: string, lane: number): JobStub {
  return env.JOBS.getByName(`${jobName}/lane/${lane}`);
}
