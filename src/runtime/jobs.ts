// Stubs of jobs. The only place that gives them a type: the platform's own mapping would turn each `unknown`
// inside an item into `never`.
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import type { RetryChoice } from "../domain/batches/retry-choice";
import type { BatchChange } from "../domain/batches/change-batch";
import type { JobSummary } from "../domain/batches/batch";
import type { StoredLeave } from "../domain/batches/call-leave";
import type { BatchWork, Steered } from "../domain/batches/job-record";
import type { EmptyJob } from "../domain/batches/submit-batch";
import type { Refusal } from "../domain/errors";
import type { DueItem } from "../domain/jobs/job";
import type { LaneOutcome, LaneSession } from "../domain/jobs/lanes";
import type { JobStatus } from "../domain/jobs/job-record";
import type { JobAction } from "../domain/jobs/transitions";
import { readExactJson } from "../lib/exact-json";
import { putHeld, type HeldParts } from "../lib/held-json";
import { openObject } from "./objects";

/** The binding of the jobs. */
export type JobsEnv = Pick<Env, "JOBS">;

/** Result of an action; null if there is no such job. */
export type ActionResult = {
  readonly summary: JobSummary;
  readonly isDone: boolean;
  /** The reason why it is not done, other than the job's state. */
  readonly refusal?: Refusal;
} | null;

/** The interface of a job, called from outside. */
export interface JobStub extends EmptyJob {
  /** Runs items for one slice, or joins whoever runs them. */
  run(): Promise<void>;
  summary(): Promise<JobSummary | null>;
  results(query: ResultsQuery): Promise<StoredPage | null>;
  /**
   * @param choice of items, for a retry
   * @param leave that whoever retries has paid for; absent if calls are not counted
   */
  act(
    action: JobAction,
    choice?: RetryChoice,
    leave?: StoredLeave,
    by?: Steered,
  ): Promise<ActionResult>;
  /** Changes options, label and metadata by a valid merge patch; returns null if there is no such job. */
  change(patch: BatchChange, by?: Steered): Promise<JobSummary | Refusal | null>;
  /** Deletes the job; returns false if there is none. */
  remove(by?: Steered): Promise<Refusal | boolean>;
  /** Deletes a job in one of these states, and leaves the register to the caller; false if it is in another. */
  removeIn(statuses: readonly JobStatus[]): Promise<boolean>;
}

/** The interface of a job's lane. */
interface LaneStub {
  openLane(work: BatchWork): Promise<LaneTargetStub>;
}

/** One invocation of a lane. */
interface LaneTargetStub extends Partial<Disposable> {
  run(due: DueItem): Promise<string | { readonly json: string; readonly body: HeldParts }>;
  taken(index: number): Promise<void>;
}

/** The job of this batch. */
export function batchJob({ JOBS }: JobsEnv, id: string): JobStub {
  return openObject<JobStub>(() => JOBS.getByName(`batch:${id}`));
}

/** Deletes a job; returns false if there is none. */
export async function removeJob(
  { JOBS }: JobsEnv,
  id: string,
  by: Steered,
): Promise<Refusal | boolean> {
  let tries = 0;
  const job = openObject<JobStub>(() => {
    tries += 1;
    return JOBS.getByName(`batch:${id}`);
  });
  const removed = await job.remove(by);
  // The call before this one was cut off, and it is gone: that call has deleted it.
  return removed === false ? tries > 1 : removed;
}

/** The job of a batch that is being uploaded: a stream cannot be read twice, so no call is repeated. */
export function uploadJob({ JOBS }: JobsEnv, id: string): Pick<JobStub, "stage"> {
  return openObject<JobStub>(() => JOBS.getByName(`batch:${id}`), 1);
}

/** Starts an invocation of a lane: another object, which stores nothing and has connections of its own. */
export async function openLane(
  { JOBS }: JobsEnv,
  jobName: string,
  lane: number,
  work: BatchWork,
): Promise<LaneSession> {
  // One attempt: the job itself decides about repeating.
  const stub = openObject<LaneStub>(() => JOBS.getByName(`${jobName}/lane/${lane}`), 1);
  const target = await stub.openLane(work);
  return {
    run: async (due) => {
      const sent = await target.run(due);
      const { json, body } = typeof sent === "string" ? { json: sent, body: null } : sent;
      // The lane may be gone, and with it what it has sent.
      if (body !== null) target.taken(due.index).catch(() => undefined);
      // Not validated, since the lane wrote it.
      const outcome = readExactJson(json) as LaneOutcome;
      putHeld(Object(outcome.attempt).output, body);
      return outcome;
    },
    close: () => target[Symbol.dispose]?.(),
  };
}
