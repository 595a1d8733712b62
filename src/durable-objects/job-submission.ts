// Submits a job: stores it with its last items and has it listed. A small one that only computes is run before it is
// stored, so that its items, their results and its end are written once.
import { isOver, type JobSummary } from "../domain/batches/batch";
import { boundedOptions, startOf } from "../domain/batches/batch-options";
import type { BatchWork, NewChunk } from "../domain/batches/job-record";
import { runAtOnce, type RanAtOnce } from "../domain/batches/run-at-once";
import type { Submitted } from "../domain/batches/submit-batch";
import { ranAtOnce } from "../domain/jobs/at-once";
import { createJob, decided, type Decision } from "../domain/jobs/decision";
import type { JobRecord } from "../domain/jobs/job-record";
import type { JobEvent } from "../domain/jobs/lifecycle";
import { readConfig } from "../env";
import type { AssetsEnv } from "../runtime/assets";
import { createRunOptions } from "../runtime/run-options";
import { yieldToOthers } from "../runtime/yield-to-others";
import { newChunk } from "../storage/job-rows";
import type { JobStore } from "../storage/job-store";
import type { JobReporter } from "./job-reporter";

/** Surroundings of a submission. */
interface SubmissionParts {
  readonly env: AssetsEnv;
  readonly store: JobStore;
  readonly reporter: Pick<JobReporter, "open">;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
  /** Saves a decision and carries it out. */
  readonly save: (decision: Decision<BatchWork>) => Promise<void>;
  readonly erase: () => Promise<void>;
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
    const options = boundedOptions(work.options, work.hasToken);
    const parts = { total, retentionMs, startAt: startOf(work.options) };
    const { record, effects } = createJob({ ...work, options }, parts, Date.now());
    const summary = summarize(record);
    const ran = await this.#run(record, chunks);
    // Nothing is left to its alarm alone, should that be lost.
    const reportAt = ran === null ? await reporter.open(record) : null;
    // A repeated submit may have been faster.
    if (store.job !== undefined) return this.#listed(store.job);
    if (stage !== undefined && stage !== store.stage) return null;
    // Chunks, job and alarm are one transaction: there is no await between them.
    store.append(chunks);
    const created = { ...record, reportAt };
    await save(ran === null ? decided(created, effects, Date.now()) : this.#keep(created, ran));
    return ran === null ? { summary, isOver: false } : this.#listNew(summary);
  }

  /** Runs the items of a new job that is small; null if it is to be run as any other. */
  async #run(job: JobRecord<BatchWork>, chunks: readonly NewChunk[]): Promise<RanAtOnce | null> {
    const { env } = this.#parts;
    // With a faulty configuration all items would fail.
    if (readConfig(env).error !== null) return null;
    const runOptions = createRunOptions(env);
    const { random } = Math;
    const clock = { yieldToOthers, now: () => Date.now() };
    return runAtOnce(job, chunks, { ...clock, random, runOptions, load: newChunk });
  }

  /** Stores the results of that run. @returns the decision about the job, which is not stored yet */
  #keep(job: JobRecord<BatchWork>, { chunk, states, rest }: RanAtOnce): Decision<BatchWork> {
    const { store } = this.#parts;
    const now = Date.now();
    store.save(chunk, states, now, true);
    return ranAtOnce(job, rest, store.counts(), now);
  }

  /** Has a job listed that has run. Where that cannot be done today, it is as if it had never been submitted. */
  async #listNew(summary: JobSummary): Promise<Submitted | null> {
    const { store, erase } = this.#parts;
    if (store.job === undefined) return null;
    try {
      return { ...(await this.#listed(store.job)), summary };
    } catch (error) {
      await erase().catch(() => undefined);
      throw error;
    }
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
