// A background job, one object each. The rows are the truth; an alarm only means that work may be left. The
// request that submits runs the first slice at once; the alarm, set with the items, is the guarantee.
import { DurableObject } from "cloudflare:workers";
import { announceEnd } from "../domain/batches/announce-end";
import { createExecutor } from "../domain/batches/executor";
import { runEndpointItems } from "../domain/batches/run-endpoint-items";
import { v7 } from "uuid";
import type { JobSummary } from "../domain/batches/batch";
import { giveUp, reset, type DueItem, type Made } from "../domain/jobs/job";
import { runSlice } from "../domain/jobs/slice";
import { readConfig } from "../env";
import { WakeUp } from "../lib/wake-up";
import { createEndpointDeps, createExecutorDeps } from "../runtime/batch-deps";
import { systemClock } from "../runtime/clock";
import { keysIn } from "../runtime/tables";
import { yieldToOthers } from "../runtime/yield-to-others";
import { JobStore } from "../storage/job-store";
import {
  afterSlice,
  beginSlice,
  canAct,
  createJob,
  finishJob,
  hasFailedEnough,
  isStuck,
  type JobAction,
  pauseJob,
  resumeJob,
  sliceBackoff,
  summarizeJob,
} from "../domain/batches/job-lifecycle";
import {
  type BatchWork,
  isActive,
  isUnderWay,
  type JobRecord,
  type NewChunk,
} from "../domain/batches/job-record";
import { tell } from "../runtime/channels";
import type { EmptyJob, Staged } from "../domain/batches/submit-batch";
import { JobIntake } from "./job-intake";
import { handOverNotification } from "./version-0-1";
import { writeMade, type ActionResult, type ResultPage } from "../runtime/jobs";
import { SERVICE_REQUESTS_PER_INVOCATION } from "../domain/platform";

/** Chunks of a slice. Each may be a request to a lane's object. */
const SLICE_CHUNKS = SERVICE_REQUESTS_PER_INVOCATION;
/** Milliseconds after which an alarm takes over from a slice, if that was cut off. */
const WATCHDOG_MS = 5000;
/** Milliseconds after submitting at which the alarm starts a slice, if the request's own slice died. */
const FIRST_ALARM_MS = 3000;

/** A job: its rows, its slices, and the actions on it. */
export class Job extends DurableObject<Env> {
  readonly #store: JobStore;
  readonly #intake: JobIntake;
  #slice: Promise<void> | null = null;
  /** Fires when an item became due earlier than was stored. */
  readonly #wakeUp = new WakeUp();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new JobStore(ctx.storage);
    const { storage } = ctx;
    this.#intake = new JobIntake({ store: this.#store, storage, env });
  }

  /** Stores chunks before the submit. Repeating it changes nothing. */
  async append(chunks: readonly NewChunk[]): Promise<void> {
    if (this.#store.job !== undefined) return;
    this.#store.append(chunks);
    await this.#intake.guard();
  }

  /** Stores the items of a body before the submit; see `EmptyJob`. */
  stage(...upload: Parameters<EmptyJob["stage"]>): Promise<Staged> {
    return this.#intake.stage(...upload);
  }

  /** Starts the job, with its last chunks. Durable once it resolves; repeating it changes nothing. */
  async submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
    stage?: string,
  ): Promise<JobSummary | null> {
    if (this.#store.job === undefined) {
      if (stage !== undefined && stage !== this.#store.stage) return null;
      // Chunks, job and alarm are one transaction: there is no await between them.
      this.#store.append(chunks);
      this.#store.job = createJob(work, total, retentionMs);
      await this.ctx.storage.setAlarm(Date.now() + FIRST_ALARM_MS);
    }
    return this.#summarize(this.#require());
  }

  /** Runs a slice, or joins the running one. */
  run(): Promise<void> {
    this.#slice ??= this.#runSlice().finally(() => {
      this.#slice = null;
    });
    return this.#slice;
  }

  summary(): JobSummary | null {
    const { job } = this.#store;
    return job === undefined ? null : this.#summarize(job);
  }

  results(from: number, limit: number, only: "succeeded" | "failed" | null): ResultPage | null {
    return this.#store.job === undefined ? null : this.#store.results(from, limit, only);
  }

  /** Cancels, pauses, resumes or retries, if the job's status allows it. */
  async act(action: JobAction): Promise<ActionResult> {
    const { job } = this.#store;
    if (job === undefined) return null;
    const isAllowed = canAct(job, action, this.#store.counts());
    if (isAllowed) await this.#change(job, action);
    return { summary: this.#summarize(this.#require()), isDone: isAllowed };
  }

  /** Deletes the job with all it stores. A slice in progress then has nothing to save to. */
  async remove(): Promise<boolean> {
    const { job } = this.#store;
    if (job === undefined) return false;
    // The event of its end may still wait for delivery.
    await this.#handOver(job);
    // A reply under an Idempotency-Key is kept for a day, no batch for less: only here is it left.
    if (job.work.kind === "batch") await keysIn(this.env, "batches").erase(job.work.id);
    await this.ctx.storage.deleteAll();
    return true;
  }

  /** Deletes chunks that were never submitted; does nothing after the submit. */
  discard(): Promise<void> {
    return this.#intake.discard();
  }

  async runItems(
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Uint8Array) => Promise<boolean>,
  ): Promise<Uint8Array> {
    const { ctx, env } = this;
    const reportTo = (made: Made) => report(writeMade(made));
    const deps = { ...createEndpointDeps(work, env, ctx), report: reportTo };
    return writeMade(await runEndpointItems(work, due, deps));
  }

  // Failed items are rows, not throws. A throw here is a bug or a platform fault: the platform repeats the
  // alarm, and finished rows make that harmless.
  override async alarm(): Promise<void> {
    const { job } = this.#store;
    if (this.#intake.isBusy) return this.#intake.guard();
    const isOld = await handOverNotification(job, () => this.#store.entries(), this.env);
    if (isOld || job === undefined || (job.expiresAt <= Date.now() && !isUnderWay(job))) {
      await this.ctx.storage.deleteAll();
    } else if (isUnderWay(job)) {
      await this.ctx.storage.setAlarm(Date.now() + Math.max(WATCHDOG_MS, sliceBackoff(job)));
      await this.run();
    } else if (job.announcement !== undefined) {
      await this.#handOver(job);
    } else {
      await this.ctx.storage.setAlarm(job.expiresAt);
    }
  }

  async #change(job: JobRecord, action: JobAction): Promise<void> {
    const now = Date.now();
    // Wakes a running slice, which then continues or stops by the new status.
    this.#wakeUp.notifyAll();
    if (action === "cancel") return this.#cancel(job);
    if (action === "pause") {
      this.#store.job = pauseJob(job, now);
      return this.ctx.storage.setAlarm(this.#store.job.expiresAt);
    }
    if (action === "retry") this.#store.revise("failed > 0", -1, reset);
    this.#store.job = resumeJob(job, now);
    await this.ctx.storage.setAlarm(now + FIRST_ALARM_MS);
  }

  /** Lets items in progress finish before the job ends, so that the event of its end has the final counts. */
  async #cancel(job: JobRecord): Promise<void> {
    if (this.#slice === null) return this.#finish(job, "cancelled");
    this.#store.job = { ...job, status: "cancelled" };
    // The alarm finishes the job if this object dies before the slice ends.
    return this.ctx.storage.setAlarm(Date.now() + WATCHDOG_MS);
  }

  async #runSlice(): Promise<void> {
    await yieldToOthers();
    const job = this.#begin();
    if (job === null) return this.#endCancelled();
    const deps = createExecutorDeps(this.env, this.ctx.id.name ?? "");
    const executor = await createExecutor(job.work, job.total, deps);
    // Slices before may have been cut off by results too large for memory, so each retry halves the lanes.
    const lanes = Math.max(1, executor.lanes >> (job.slice?.stuck ?? 0));
    const { failedChunks } = await runSlice(
      this.#store,
      { ...executor, lanes },
      {
        clock: systemClock,
        maxMs: readConfig(this.env).config.limits.batchSliceMs,
        maxChunks: SLICE_CHUNKS,
        isRunning: (unsaved) => this.#isWanted(unsaved),
        yieldToOthers,
        wakeUp: this.#wakeUp,
      },
    );
    await this.#end(failedChunks);
  }

  /** Finishes a job that was cancelled before its slice began, or whose slice was cut off. */
  async #endCancelled(): Promise<void> {
    const { job } = this.#store;
    if (job !== undefined && isUnderWay(job) && !isActive(job))
      await this.#finish(job, "cancelled");
  }

  /** Marks the start of a slice, or returns null if there is nothing to run. */
  #begin(): JobRecord | null {
    const { job } = this.#store;
    // With a faulty configuration all items would fail, so the alarm waits until it is corrected.
    if (job === undefined || readConfig(this.env).error !== null) return null;
    const started = beginSlice(job, this.#store.counts(), Date.now());
    if (started === null) return null;
    if (isStuck(started)) this.#store.revise("due_at IS NOT NULL", 1, giveUp);
    this.#store.job = started;
    return started;
  }

  async #end(failedChunks: number): Promise<void> {
    const { job } = this.#store;
    if (job === undefined) return;
    const slice = {
      failed: this.#store.counts().failed,
      nextDueAt: this.#store.nextDueAt(),
      hasFailedChunks: failedChunks > 0,
    };
    const next = afterSlice(job, slice, Date.now());
    if (next.end !== null) return this.#finish(next.job, next.end);
    this.#store.job = next.job;
    if (next.alarmAt !== null) await this.ctx.storage.setAlarm(next.alarmAt);
  }

  async #finish(job: JobRecord, status: "completed" | "cancelled"): Promise<void> {
    const now = Date.now();
    const { channels } = readConfig(this.env).config;
    const summary = { ...this.#summarize(job), status };
    const announcement = announceEnd(job.work, summary, { channels, newId: v7, now });
    const finished = finishJob(job, status, announcement, now);
    this.#store.job = finished;
    await this.ctx.storage.setAlarm(announcement ? now : finished.expiresAt);
  }

  /** Hands the event of the end to its channels, which know it by its id, however often this runs. */
  async #handOver(job: JobRecord): Promise<void> {
    if (job.announcement === undefined) return;
    const { event, channels = [] } = job.announcement;
    await this.ctx.storage.setAlarm(Date.now() + WATCHDOG_MS);
    await tell(this.env, event, channels);
    // During the request, this job may have been deleted, or its failed items retried.
    const now = this.#store.job;
    if (now?.announcement?.event.id !== event.id) return;
    const { announcement: _, ...rest } = now;
    this.#store.job = rest;
    if (!isUnderWay(rest)) await this.ctx.storage.setAlarm(rest.expiresAt);
  }

  /** True if a further item may be started. */
  #isWanted(unsavedFailures: number): boolean {
    const { job } = this.#store;
    if (job?.status !== "running") return false;
    return !hasFailedEnough(job, this.#store.counts().failed + unsavedFailures);
  }

  #require(): JobRecord {
    const { job } = this.#store;
    if (job === undefined) throw new Error("The job is gone");
    return job;
  }

  #summarize(job: JobRecord): JobSummary {
    return summarizeJob(job, this.#store.counts());
  }
}
