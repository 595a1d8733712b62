// Submits a job: stores it with its last items and has it listed.
import { isOver, type JobSummary } from "../domain/batches/batch";
import type { BatchWork } from "../domain/batches/job-record";
import { createBatchJob, type EmptyJob, type Submitted } from "../domain/batches/submit-batch";
import { decided, type Decision } from "../domain/jobs/decision";
import type { JobRecord } from "../domain/jobs/job-record";
import type { JobEvent } from "../domain/jobs/lifecycle";
import type { JobStore } from "../storage/job-store";
import type { JobReporter } from "./job-reporter";

/** Surroundings of a submission. */
export interface SubmissionParts {
  readonly store: JobStore;
  readonly reporter: Pick<JobReporter, "open">;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
  /** Saves a decision and carries it out. */
  readonly save: (decision: Decision<BatchWork>) => Promise<void>;
}

/** Starts the job. The parameters are those of `EmptyJob.submit`. */
export async function submitTo(
  parts: SubmissionParts,
  ...[work, total, retentionMs, chunks, stage]: Parameters<EmptyJob["submit"]>
): Promise<Submitted | null> {
  const { store, summarize, reporter, save } = parts;
  // The reply to the first submit was lost, and perhaps its report.
  if (store.job !== undefined) return listed(store.job, parts);
  const { record, effects } = createBatchJob(work, { total, retentionMs }, Date.now());
  const summary = summarize(record);
  // Nothing is left to its alarm alone, should that be lost.
  const reportAt = await reporter.open(record);
  // A repeated submit may have been faster.
  if (store.job !== undefined) return listed(store.job, parts);
  if (stage !== undefined && stage !== store.stage) return null;
  // Chunks, job and alarm are one transaction: there is no await between them.
  store.append(chunks);
  await save(decided({ ...record, reportAt }, effects, Date.now()));
  return { summary, isOver: false };
}

/** Has a stored job listed. */
async function listed(
  job: JobRecord<BatchWork>,
  { store, reporter, decide, summarize }: SubmissionParts,
): Promise<Submitted> {
  const until = await reporter.open(job);
  if (until !== null) await decide({ type: "unreported", until });
  const summary = summarize(store.job ?? job);
  return { summary, isOver: isOver(summary) };
}
