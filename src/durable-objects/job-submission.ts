// Submits a job: stores it with its last items and has it listed.
import { isOver, type JobSummary } from "../domain/batches/batch";
import type { BatchWork, NewChunk } from "../domain/batches/job-record";
import { createBatchJob, type Submitted } from "../domain/batches/submit-batch";
import { decided, type Decision } from "../domain/jobs/decision";
import type { JobRecord } from "../domain/jobs/job-record";
import type { JobEvent } from "../domain/jobs/lifecycle";
import type { JobStore } from "../storage/job-store";
import type { JobReporter } from "./job-reporter";

/** Surroundings of a submission. */
interface SubmissionParts {
  readonly store: JobStore;
  readonly reporter: Pick<JobReporter, "open">;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
  /** Saves a decision and carries it out. */
  readonly save: (decision: Decision<BatchWork>) => Promise<void>;
}

/** The submission of one job. */
export class JobSubmission {
  readonly #parts: SubmissionParts;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
  }

  /** Starts the job. Its parameters are those of `EmptyJob.submit`. */
  async submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
    stage?: string,
  ): Promise<Submitted | null> {
    const { store, summarize, reporter, save } = this.#parts;
    // The reply to the first submit was lost, and perhaps its report.
    if (store.job !== undefined) return this.#listed(store.job);
    const { record, effects } = createBatchJob(work, { total, retentionMs }, Date.now());
    const summary = summarize(record);
    // Nothing is left to its alarm alone, should that be lost.
    const reportAt = await reporter.open(record);
    // A repeated submit may have been faster.
    if (store.job !== undefined) return this.#listed(store.job);
    if (stage !== undefined && stage !== store.stage) return null;
    // Chunks, job and alarm are one transaction: there is no await between them.
    store.append(chunks);
    await save(decided({ ...record, reportAt }, effects, Date.now()));
    return { summary, isOver: false };
  }

  /** Has a stored job listed. */
  async #listed(job: JobRecord<BatchWork>): Promise<Submitted> {
    const { store, reporter, decide, summarize } = this.#parts;
    const until = await reporter.open(job);
    if (until !== null) await decide({ type: "unreported", until });
    const summary = summarize(store.job ?? job);
    return { summary, isOver: isOver(summary) };
  }
}
