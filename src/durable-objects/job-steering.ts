// Steers a job: actions of its user, and changes of what was asked for.
import { showsOther, type JobSummary } from "../domain/batches/batch";
import { startOf } from "../domain/batches/batch-options";
import type { StoredLeave } from "../domain/batches/call-leave";
import { CHANGED_SINCE, changeBatch, type BatchChange } from "../domain/batches/change-batch";
import type { BatchWork, Steered } from "../domain/batches/job-record";
import type { BatchRegister } from "../domain/batches/register";
import { restartChosen, steeringEvent, type RetryChoice } from "../domain/batches/retry-choice";
import { DomainError, refused, type Refusal } from "../domain/errors";
import { isAtRest, type JobRecord } from "../domain/jobs/job-record";
import type { JobEvent } from "../domain/jobs/lifecycle";
import { canAct, type JobAction, type JobRequest } from "../domain/jobs/transitions";
import type { ActionResult } from "../runtime/jobs";
import type { JobStore } from "../storage/job-store";
import type { JobRunner } from "./job-runner";

/** Surroundings of what steers. */
interface SteeringParts {
  readonly store: JobStore;
  readonly runner: Pick<JobRunner, "isRunning" | "settle">;
  readonly register: Pick<BatchRegister, "watch">;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
  /** Waits until lists show what has changed. */
  readonly settled: () => Promise<void>;
  readonly isRemoving: () => boolean;
}

/** The actions on one job. */
export class JobSteering {
  readonly #parts: SteeringParts;

  constructor(parts: SteeringParts) {
    this.#parts = parts;
  }

  /** Cancels, pauses, resumes or retries, if the job's status allows it. */
  async act(
    action: JobAction,
    choice: RetryChoice = {},
    leave?: StoredLeave,
    by: Steered = {},
  ): Promise<ActionResult> {
    const { store, runner, decide, settled, summarize } = this.#parts;
    await this.#watch(action);
    const job = this.#job;
    if (job === undefined) return null;
    if (!isRepeat(job, by)) {
      const refusal = this.#refuse(job, action, choice, by);
      if (refusal !== null) return refusal;
      const steeredBy = by.requestId;
      store.job = { ...job, work: { ...job.work, ...(leave && { leave }), steeredBy } };
      await decide(steeringEvent(action, choice, store.counts().failed));
    }
    // Whoever runs items ends the job once nothing is in flight.
    if (action === "cancel" && !runner.isRunning) await runner.settle();
    await settled();
    return store.job === undefined ? null : { summary: summarize(store.job), isDone: true };
  }

  /** Refuses an action that must not be done; gives the items of a retry back to be run. */
  #refuse(
    job: JobRecord<BatchWork>,
    action: JobAction,
    choice: RetryChoice,
    { shown }: Steered,
  ): ActionResult {
    const { store, summarize } = this.#parts;
    const summary = summarize(job);
    if (showsOther(summary, job.work.id, shown))
      return { summary, isDone: false, refusal: CHANGED_SINCE };
    const isAllowed =
      canAct(job, action) && (action !== "retry" || restartChosen(store, job, choice, Date.now()));
    return isAllowed ? null : { summary, isDone: false };
  }

  /** Changes options, label and metadata by a valid merge patch. */
  async change(patch: BatchChange, by: Steered = {}): Promise<JobSummary | Refusal | null> {
    const { store, decide, settled, summarize } = this.#parts;
    await this.#watch("change");
    const job = this.#job;
    if (job === undefined) return null;
    if (isRepeat(job, by)) return summarize(job);
    if (showsOther(summarize(job), job.work.id, by.shown)) return CHANGED_SINCE;
    try {
      const work = { ...changeBatch(job, patch), steeredBy: by.requestId };
      await decide({ type: "change", work, startAt: startOf(work.options) });
      await settled();
      return store.job === undefined ? null : summarize(store.job);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return refused(error.code, error.message, error.options.errors);
    }
  }

  get #job(): JobRecord<BatchWork> | undefined {
    return this.#parts.isRemoving() ? undefined : this.#parts.store.job;
  }

  /** Has the register look after a job that is at rest, before there is something to do again. */
  async #watch(request: JobRequest): Promise<void> {
    const job = this.#job;
    if (job !== undefined && isAtRest(job) && canAct(job, request))
      await this.#parts.register.watch([job.work.id]);
  }
}

/** True if this very request has steered the job already. */
function isRepeat({ work }: JobRecord<BatchWork>, { requestId }: Steered): boolean {
  return requestId !== undefined && work.steeredBy === requestId;
}
