// A background job, one object each. The rows are the truth; an alarm only means that work may be left. The
// request that submits runs items at once; the alarm, set with the items, is the guarantee.
import { DurableObject } from "cloudflare:workers";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import { CHANGED_SINCE } from "../domain/batches/change-batch";
import type { Refusal } from "../domain/errors";
import { showsOther, summarizeJob, type JobSummary } from "../domain/batches/batch";
import { isKeptId } from "../domain/batches/kept-batch";
import { giveBack } from "../domain/batches/call-leave";
import type { BatchWork, NewChunk, Steered } from "../domain/batches/job-record";
import type { EmptyJob, Staged, Submitted } from "../domain/batches/submit-batch";
import type { JobRecord, JobStatus } from "../domain/jobs/job-record";
import type { Decision } from "../domain/jobs/decision";
import { decide, type JobEvent } from "../domain/jobs/lifecycle";
import { readConfig } from "../env";
import { freeBytes } from "../lib/free-bytes";
import { tell } from "../runtime/channels";
import { createLaneRunner } from "../runtime/batch-deps";
import { createLeaveDeps } from "../runtime/call-leave";
import { batchOf, type ActionResult } from "../runtime/jobs";
import { batchesIn } from "../runtime/tables";
import { readOldEntries } from "../storage/job-rows";
import { JobStore } from "../storage/job-store";
import { JobAdoption } from "./job-adoption";
import { JobAnnouncer } from "./job-announcer";
import { JobIntake } from "./job-intake";
import { JobReporter } from "./job-reporter";
import { JobRunner } from "./job-runner";
import { JobSteering } from "./job-steering";
import { submitTo, type SubmissionParts } from "./job-submission";
import { LaneTarget } from "./lane-target";
import { handOverNotification } from "./version-0-1";

/** A job: its rows, its runs, and the actions on it. */
export class Job extends DurableObject<Env> {
  readonly #store: JobStore;
  readonly #runner: JobRunner;
  readonly #intake: JobIntake;
  readonly #adoption: JobAdoption;
  readonly #submission: SubmissionParts;
  readonly #announcer: JobAnnouncer;
  readonly #reporter: JobReporter;
  readonly #steering: JobSteering;
  #isRemoving = false;
  /** True while the alarm's handler runs, which sets the next one at its end. */
  #isRinging = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new JobStore(ctx.storage);
    this.#intake = new JobIntake({ store: this.#store, env, storage: ctx.storage });
    const register = batchesIn(env);
    const wakeAt = (at: number) => ctx.storage.setAlarm(at);
    this.#adoption = new JobAdoption({
      store: this.#store,
      register,
      id: batchOf(ctx.id.name),
      wakeAt,
    });
    const parts = {
      store: this.#store,
      decide: (event: JobEvent<BatchWork>) => this.#apply(event),
      summarize: (job: JobRecord<BatchWork>) => this.#summarize(job),
    };
    this.#runner = new JobRunner({ ...parts, env, name: ctx.id.name ?? "" });
    this.#reporter = new JobReporter({ ...parts, register });
    this.#submission = {
      ...parts,
      reporter: this.#reporter,
      save: (decision) => this.#save(decision),
    };
    this.#steering = new JobSteering({
      ...parts,
      register,
      runner: this.#runner,
      settled: () => this.#reporter.settled(),
      isRemoving: () => this.#isRemoving,
    });
    this.#announcer = new JobAnnouncer({
      ...parts,
      channels: () => readConfig(this.env).config.channels,
      tell: (event, names) => tell(this.env, event, names),
      wakeAt,
    });
  }

  /** Stores chunks before the submit. Repeating it changes nothing. */
  async append(chunks: readonly NewChunk[]): Promise<void> {
    if (this.#store.job !== undefined) return;
    this.#store.append(chunks);
    freeBytes(chunks.map(({ items }) => items));
    await this.#intake.guard();
  }

  /** Stores the items of a body before the submit; see `EmptyJob`. */
  stage(...upload: Parameters<EmptyJob["stage"]>): Promise<Staged> {
    return this.#intake.stage(...upload);
  }

  /** Starts the job, with its last chunks. Durable once it resolves; repeating it changes nothing. */
  submit(...submit: Parameters<EmptyJob["submit"]>): Promise<Submitted | null> {
    return submitTo(this.#submission, ...submit);
  }

  /** Runs items for one slice, or joins whoever runs them. */
  async run(): Promise<void> {
    await this.#runner.run();
    void this.#reporter.report();
    await this.#reporter.settled();
  }

  async summary(): Promise<JobSummary | null> {
    await this.#adoption.take(false);
    const { job } = this.#store;
    if (job === undefined) return null;
    void this.#reporter.report(true);
    // Storage that takes no writes is read all the same; the next read sets the alarm.
    await Promise.all([this.#heal().catch(() => undefined), this.#reporter.settled()]);
    return this.#summarize(this.#store.job ?? job);
  }

  async results(query: ResultsQuery): Promise<StoredPage | null> {
    await this.#adoption.take(false);
    const { job } = this.#store;
    if (job === undefined) return null;
    const summary = { ...this.#summarize(job), outputSummary: null };
    return { ...this.#store.results(query), summary };
  }

  /** Cancels, pauses, resumes or retries, if the job's status allows it. */
  async act(...given: Parameters<JobSteering["act"]>): Promise<ActionResult> {
    await this.#adoption.take(true);
    return this.#steering.act(...given);
  }

  /** Changes options, label and metadata by a valid merge patch. */
  async change(...given: Parameters<JobSteering["change"]>): ReturnType<JobSteering["change"]> {
    await this.#adoption.take(true);
    return this.#steering.change(...given);
  }

  /** Deletes the job with all it stores. What is in flight then has nothing to save to. */
  async remove({ shown, requestId = "removal" }: Steered = {}): Promise<Refusal | boolean> {
    await this.#adoption.take(false);
    const { job } = this.#store;
    if (job === undefined || this.#isRemoving) return false;
    if (showsOther(this.#summarize(job), job.work.id, shown)) return CHANGED_SINCE;
    this.#isRemoving = true;
    try {
      // The event of its end may still wait for delivery.
      await this.#announcer.handOver();
      // With the reply under its Idempotency-Key: that is kept for a day, and no batch for less.
      await batchesIn(this.env).unlist([job.work.id], requestId);
      await this.#erase();
    } finally {
      this.#isRemoving = false;
    }
    return true;
  }

  /**
   * Deletes the job if it is in one of these states, or is gone. Taking it off the register is left to the caller.
   *
   * @returns false if it is in another state
   */
  async removeIn(statuses: readonly JobStatus[], requestId: string): Promise<boolean> {
    await this.#adoption.take(false);
    await this.#announcer.handOver();
    const { job } = this.#store;
    if (job === undefined) return true;
    if (!statuses.includes(job.status)) return false;
    // The register may still hold what it has handed over, which must not come back.
    if (isKeptId(job.work.id)) await batchesIn(this.env).unlist([job.work.id], requestId);
    await this.#erase();
    return true;
  }

  /** Deletes chunks that were never submitted; does nothing after the submit. */
  discard(): Promise<void> {
    return this.#intake.discard();
  }

  /** Starts an invocation that attempts items of another job. */
  openLane(work: BatchWork): LaneTarget {
    return new LaneTarget(createLaneRunner(work, this.env, this.ctx));
  }

  // Failed items are rows, not throws. A throw here is a bug or a platform fault: the platform repeats the
  // alarm, and finished rows make that harmless.
  override async alarm(): Promise<void> {
    this.#isRinging = true;
    await this.#ring().finally(() => (this.#isRinging = false));
  }

  async #ring(): Promise<void> {
    if (this.#intake.isBusy) return this.#intake.guard();
    const { stored } = this.#store;
    const isOld = await handOverNotification(
      stored,
      () => readOldEntries(this.ctx.storage.sql),
      this.env,
    );
    const job = isOld ? undefined : this.#store.job;
    if (job === undefined) return this.#erase();
    const { effects, record } = decide(job, { type: "alarm" }, Date.now());
    if (effects.includes("erase")) return this.#erase();
    if (record !== job) await this.#apply({ type: "alarm" });
    void this.#reporter.report();
    await Promise.all([
      effects.includes("announce") ? this.#announcer.handOver() : undefined,
      effects.includes("run") ? this.run() : undefined,
    ]);
    await this.#reporter.settled();
    return this.#rearm();
  }

  /** Sets the alarm of a job as it is now; if items are still run, an alarm is the next slice. */
  async #rearm(): Promise<void> {
    const { job } = this.#store;
    if (job === undefined) return;
    const now = Date.now();
    const { alarmAt } = decide(job, { type: "progress", failed: 0 }, now);
    await this.ctx.storage.setAlarm(this.#runner.isRunning ? now : alarmAt);
  }

  /** Sets the alarm of a job that has lost it: the platform drops one whose handler failed too often. */
  async #heal(): Promise<void> {
    if (this.#isRinging) return;
    if ((await this.ctx.storage.getAlarm()) === null) await this.#rearm();
  }

  #apply(event: JobEvent<BatchWork>): Promise<void> {
    return this.#save(decide(this.#require(), event, Date.now()));
  }

  /** Saves a decision and carries it out. One that changes nothing costs nothing. */
  async #save(decision: Decision<BatchWork>): Promise<void> {
    if (decision.record === this.#store.job) return;
    const { record, effects, alarmAt } = this.#announcer.saved(decision);
    const isSet = this.ctx.storage.setAlarm(alarmAt);
    if (record.finishedAt !== null) this.#endLeave();
    if (effects.includes("run")) this.#runner.wake();
    if (effects.includes("report")) this.ctx.waitUntil(this.#reporter.report());
    await isSet;
  }

  /** Gives what is left of the leave back to the caller whose budget paid, and forgets the caller. */
  #endLeave(): void {
    const { job } = this.#store;
    if (job?.work.leave === undefined) return;
    const { leave, ...work } = job.work;
    this.#store.job = { ...job, work };
    this.ctx.waitUntil(giveBack(leave, createLeaveDeps(this.env)).catch(() => undefined));
  }

  async #erase(): Promise<void> {
    this.#runner.drop();
    this.#store.forget();
    await this.ctx.storage.deleteAll();
  }

  #require(): JobRecord<BatchWork> {
    const { job } = this.#store;
    if (job === undefined) throw new Error("The job is gone");
    return job;
  }

  #summarize(job: JobRecord<BatchWork>): JobSummary {
    const waiting = this.#runner.waiting ?? job.waiting;
    const outputSummary = this.#store.summary?.made ?? null;
    const facts = { counts: this.#store.counts(), waiting, outputSummary };
    return summarizeJob(job, facts, Date.now());
  }
}
