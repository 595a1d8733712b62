// Reports how a job stands to the register of batches, one report at a time. State and times are reported until the
// register has them; counts of a job that runs now and then.
import { awayMs } from "../domain/batches/away";
import type { BatchWork } from "../domain/batches/job-record";
import { toEntry, type BatchRegister } from "../domain/batches/register";
import type { JobSummary } from "../domain/batches/batch";
import { DomainError } from "../domain/errors";
import { isUnderWay, type JobRecord } from "../domain/jobs/job-record";
import type { JobEvent } from "../domain/jobs/lifecycle";
import { systemClock } from "../runtime/clock";
import type { JobStore } from "../storage/job-store";

/** Milliseconds before a failed report is repeated; doubles with each further one. */
const FIRST_RETRY_MS = 5000;
const MAX_RETRY_MS = 15 * 60_000;
/** Milliseconds between two reports of counts: a tenth of the time for which the job runs, within these. */
const MIN_COUNTS_MS = 10_000;
const MAX_COUNTS_MS = 5 * 60_000;
/** Milliseconds for which a reply waits for a report, so that lists show what it tells of. */
const MAX_WAIT_MS = 2000;
/** Surroundings of a reporter. */
interface ReporterParts {
  readonly store: Pick<JobStore, "job" | "counts">;
  readonly register: Pick<BatchRegister, "report">;
  readonly summarize: (job: JobRecord<BatchWork>) => JobSummary;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
}

/** Reports of one job. */
export class JobReporter {
  readonly #parts: ReporterParts;
  #sending: Promise<void> | null = null;
  #failures = 0;
  /** The last report that has arrived, in this object's life. */
  #known: { readonly changes: number; readonly done: number; readonly at: number } | null = null;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /**
   * Reports what the register is to know by now, or joins whoever does. Never rejects.
   *
   * @param isSeen true if somebody is about to read the state of the job, which lists must show then
   */
  report(isSeen = false): Promise<void> {
    if (this.#sending !== null) return this.#sending;
    const job = this.#due(isSeen);
    if (job === null) return Promise.resolve();
    // Where not even the failure can be stored, the job's alarm tries again.
    this.#sending = this.#sendFrom(job).catch(() => undefined);
    return this.#sending;
  }

  /**
   * Reports a job at its submit: what is acknowledged is listed and looked after, should its alarm be lost.
   *
   * @returns when to report it again; null if it is known
   * @throws DomainError if a quota of the day is spent, so that it cannot be listed on this one
   */
  async open(job: JobRecord<BatchWork>): Promise<number | null> {
    if (this.#known !== null) return null;
    const { register, summarize } = this.#parts;
    const now = Date.now();
    const summary = summarize(job);
    const sent = register.report(toEntry(job.work.id, summary, job)).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const outcome = await inTime(sent);
    const done = summary.succeeded + summary.failed;
    if (outcome === null) this.#known = { changes: job.changes, done, at: now };
    // Another submit may have arrived there.
    if (this.#known !== null) return null;
    if (awayMs(outcome?.error) !== null) throw outcome?.error;
    return now + FIRST_RETRY_MS;
  }

  /** Resolves once the report under way has arrived, or has taken too long to be waited for. */
  async settled(): Promise<void> {
    if (this.#sending !== null) await inTime(this.#sending);
  }

  async #sendFrom(first: JobRecord<BatchWork>): Promise<void> {
    try {
      for (let job: typeof first | null = first; job !== null; job = this.#due(false)) {
        const isSent = await this.#send(job);
        // During the request, the job may have been deleted.
        if (this.#parts.store.job === undefined || !isSent) return;
        // The start of a queued one is written soon, and a report may be repeated.
        if (job.reportAt !== null && job.status !== "queued")
          await this.#parts.decide({ type: "reported", changes: job.changes });
      }
    } finally {
      this.#sending = null;
    }
  }

  async #send(job: JobRecord<BatchWork>): Promise<boolean> {
    const { register, summarize, decide, store } = this.#parts;
    const now = Date.now();
    const summary = summarize(job);
    try {
      await register.report(toEntry(job.work.id, summary, job));
    } catch (error) {
      const until = now + this.#retryMs(error);
      // What is only a count goes with the next report.
      if (typeof store.job?.reportAt === "number") await decide({ type: "unreported", until });
      return false;
    }
    this.#failures = 0;
    const done = summary.succeeded + summary.failed;
    this.#known = { changes: job.changes, done, at: now };
    return true;
  }

  /** The job, if the register is to be told of it now. */
  #due(isSeen: boolean): JobRecord<BatchWork> | null {
    const { job } = this.#parts.store;
    if (job === undefined) return null;
    const now = Date.now();
    if (job.reportAt === null || job.changes === this.#known?.changes)
      return this.#areCountsDue(job, now) ? job : null;
    // A start may wait until it is looked at, or until nothing else is done.
    const isEarly = this.#failures === 0 && (isSeen || job.wakeAt !== null);
    return isEarly || job.reportAt <= now ? job : null;
  }

  #areCountsDue(job: JobRecord, now: number): boolean {
    const { succeeded, failed } = this.#parts.store.counts();
    if (!isUnderWay(job) || succeeded + failed === (this.#known?.done ?? 0)) return false;
    const pauseMs = Math.max(MIN_COUNTS_MS, (now - (job.startedAt ?? now)) / 10);
    // One that rests has no better time for it.
    const isResting = (job.wakeAt ?? 0) > now + MIN_COUNTS_MS;
    return isResting || now >= (this.#known?.at ?? 0) + Math.min(MAX_COUNTS_MS, pauseMs);
  }

  #retryMs(error: unknown): number {
    const backoffMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    const { retryAfterSeconds = 0 } = error instanceof DomainError ? error.options : {};
    return Math.max(backoffMs, retryAfterSeconds * 1000);
  }
}

/** The outcome of what is waited for; undefined if it takes too long. */
function inTime<T>(waitedFor: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = systemClock.after(MAX_WAIT_MS, () => resolve(undefined));
  return Promise.race([waitedFor, promise]).finally(cancel);
}
