// One object per background job. The rows are the truth; an alarm only means that work may be left.
// The request runs the first slice for speed, the alarm that is set with the items is the guarantee.
import { DurableObject } from "cloudflare:workers";
import { announceEnd } from "../domain/batches/announce-end";
import { createExecutor } from "../domain/batches/executor";
import { MAX_REQUESTS_PER_INVOCATION, runEndpointItems } from "../domain/batches/run-items";
import { v7 } from "uuid";
import type { BatchStatus, JobSummary } from "../domain/batches/batch";
import { giveUp, reset, type DueItem, type Made } from "../domain/jobs/job";
import { runSlice } from "../domain/jobs/slice";
import { readConfig } from "../env";
import { Bell } from "../lib/bell";
import { systemClock } from "../lib/clock";
import { nextTurn } from "../runtime/next-turn";
import { JobStore } from "../storage/job-store";
import {
  type BatchWork,
  isActive,
  isUnderWay,
  type JobRecord,
  type JobWork,
  type NewChunk,
  withoutStretch,
} from "../domain/batches/job-record";
import {
  startNotification,
  writeMade,
  type ActionResult,
  type JobAction,
  type JobEntry,
  type ResultPage,
} from "../runtime/jobs";
import { SERVICE_REQUESTS_PER_INVOCATION } from "../domain/platform";

/** Each is a call to an object. */
const SLICE_CHUNKS = SERVICE_REQUESTS_PER_INVOCATION;
/** Each is a request that this object sends itself. */
const SLICE_DELIVERIES = MAX_REQUESTS_PER_INVOCATION;
/** When a slice has not ended by then, it was cut off, or is the one that still runs. */
const WATCHDOG_MS = 5000;
/** The request's own slice is given this long to begin with. */
const FIRST_ALARM_MS = 3000;
/** After a slice in which a chunk could not be run at all; twice as long after each further one without a result. */
const TROUBLE_DELAY_MS = 1000;
const MAX_TROUBLE_DELAY_MS = 60_000;
/** Slices cut off in a row without a finished item, a quarter of an hour long: then those items are given up. */
const MAX_STUCK_SLICES = 20;
/** Chunks that were uploaded but never submitted: the caller went away in between. */
const ABANDONED_MS = 60 * 60_000;

const FROM: Record<JobAction, readonly BatchStatus[]> = {
  cancel: ["queued", "running", "paused"],
  pause: ["queued", "running"],
  resume: ["paused"],
  retry: ["completed"],
};

export class Job extends DurableObject<Env> {
  readonly #store: JobStore;
  #slice: Promise<void> | null = null;
  /** Rings when something is due that was not. */
  readonly #bell = new Bell();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new JobStore(ctx.storage);
  }

  /** Keeps chunks for a submit to come. Repeating it changes nothing. */
  async append(chunks: readonly NewChunk[]): Promise<void> {
    if (this.#store.job !== undefined) return;
    this.#store.append(chunks);
    await this.ctx.storage.setAlarm(Date.now() + ABANDONED_MS);
  }

  /** Starts the job, with its last chunks. Durable once it returns; a repeated submit changes nothing. */
  async submit(
    work: JobWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
  ): Promise<JobSummary> {
    if (this.#store.job === undefined) {
      // Chunks, job and alarm are one transaction: there is no await between them.
      this.#store.append(chunks);
      const expiresAt = work.createdAt + retentionMs;
      this.#store.job = {
        status: "queued",
        work,
        total,
        startedAt: null,
        finishedAt: null,
        ranMs: 0,
        runningSince: null,
        expiresAt,
        retentionMs,
      };
      await this.ctx.storage.setAlarm(Date.now() + FIRST_ALARM_MS);
    }
    return this.#summarize(this.#require());
  }

  /** Runs a slice, or joins the one that is running. */
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

  /** Cancels, pauses, resumes or retries, where the job's status allows it. */
  async act(action: JobAction): Promise<ActionResult> {
    const { job } = this.#store;
    if (job === undefined) return null;
    const { failed } = this.#store.counts();
    const isAllowed = FROM[action].includes(job.status) && (action !== "retry" || failed > 0);
    if (isAllowed) await this.#change(job, action);
    return { summary: this.#summarize(this.#require()), isDone: isAllowed };
  }

  /** Removes the job and all it keeps. What runs at this moment finds nothing to save to. */
  async remove(): Promise<boolean> {
    const { job } = this.#store;
    if (job === undefined) return false;
    // Its end was promised to its channels.
    await this.#handOver(job);
    await this.ctx.storage.deleteAll();
    return true;
  }

  /** Drops chunks that were never submitted. A submitted job stays: the caller may be a repeat of it. */
  async discard(): Promise<void> {
    if (this.#store.job === undefined) await this.ctx.storage.deleteAll();
  }

  entries(): JobEntry[] {
    return this.#store.job === undefined ? [] : this.#store.entries();
  }

  async restart(index: number): Promise<boolean> {
    const { job } = this.#store;
    if (job === undefined || index < 0 || index >= job.total) return false;
    this.#store.restart(index);
    this.#store.job = { ...job, status: "running", finishedAt: null };
    this.#bell.ring();
    await this.ctx.storage.setAlarm(Date.now() + FIRST_ALARM_MS);
    return true;
  }

  async runItems(
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Uint8Array) => Promise<boolean>,
  ): Promise<Uint8Array> {
    const { ctx, env } = this;
    const reportTo = (made: Made) => report(writeMade(made));
    return writeMade(await runEndpointItems(work, due, { env, ctx, report: reportTo }));
  }

  // Failed items are rows, not throws. A throw here is a bug or a platform fault: the runtime runs the
  // alarm again, and finished rows make that harmless.
  override async alarm(): Promise<void> {
    const { job } = this.#store;
    if (job === undefined || (job.expiresAt <= Date.now() && !isUnderWay(job))) {
      await this.ctx.storage.deleteAll();
    } else if (isUnderWay(job)) {
      const pauseMs = Math.max(WATCHDOG_MS, troubleDelay(job.slice?.stuck ?? 0));
      await this.ctx.storage.setAlarm(Date.now() + pauseMs);
      await this.run();
    } else if (job.announcement !== undefined) {
      await this.#handOver(job);
    } else {
      await this.ctx.storage.setAlarm(job.expiresAt);
    }
  }

  async #change(job: JobRecord, action: JobAction): Promise<void> {
    const now = Date.now();
    // A slice that is under way goes on, or ends.
    this.#bell.ring();
    if (action === "cancel") return this.#cancel(job);
    if (action === "pause") {
      const expiresAt = now + job.retentionMs;
      this.#store.job = { ...withoutStretch(job, now), status: "paused", expiresAt };
      return this.ctx.storage.setAlarm(expiresAt);
    }
    if (action === "retry") this.#store.revise("failed > 0", -1, reset);
    this.#store.job = { ...job, status: "running", finishedAt: null, runningSince: now };
    await this.ctx.storage.setAlarm(now + FIRST_ALARM_MS);
  }

  /** What is under way is let come to its end first, so that what is told of the end stays true. */
  async #cancel(job: JobRecord): Promise<void> {
    if (this.#slice === null) return this.#finish(job, "cancelled");
    this.#store.job = { ...job, status: "cancelled" };
    // Should this object end before the slice does.
    return this.ctx.storage.setAlarm(Date.now() + WATCHDOG_MS);
  }

  async #runSlice(): Promise<void> {
    await nextTurn();
    const job = this.#begin();
    if (job === null) return this.#endCancelled();
    const executor = await createExecutor(job.work, job.total, this.env, this.ctx.id.name ?? "");
    // Results too large for the memory of one isolate may be what the slices before were cut off by.
    const lanes = Math.max(1, executor.lanes >> (job.slice?.stuck ?? 0));
    const { failedChunks } = await runSlice(
      this.#store,
      { ...executor, lanes },
      {
        clock: systemClock,
        maxMs: readConfig(this.env).config.limits.batchSliceMs,
        maxChunks: job.work.kind === "notification" ? SLICE_DELIVERIES : SLICE_CHUNKS,
        isRunning: (unsaved) => this.#isWanted(unsaved),
        pause: nextTurn,
        bell: this.#bell,
      },
    );
    await this.#end(failedChunks);
  }

  /** The end of a job that was cancelled before its slice began, or whose slice was cut off. */
  async #endCancelled(): Promise<void> {
    const { job } = this.#store;
    if (job !== undefined && isUnderWay(job) && !isActive(job))
      await this.#finish(job, "cancelled");
  }

  /** Marks the beginning of a slice, or returns null when there is nothing to run. */
  #begin(): JobRecord | null {
    const { job } = this.#store;
    if (job === undefined || !isActive(job)) return null;
    // Everything would fail for want of hosts and channels. The alarm tries again.
    if (readConfig(this.env).error !== null) return null;
    const { succeeded, failed } = this.#store.counts();
    const done = succeeded + failed;
    const stuck = job.slice?.done === done ? job.slice.stuck + 1 : 0;
    if (stuck >= MAX_STUCK_SLICES) this.#store.revise("due_at IS NOT NULL", 1, giveUp);
    const now = Date.now();
    const started: JobRecord = {
      ...job,
      status: "running",
      startedAt: job.startedAt ?? now,
      runningSince: job.runningSince ?? now,
      slice: { done, stuck },
    };
    this.#store.job = started;
    return started;
  }

  /** Decides what comes after a slice: the end, a pause until something is due, or the next slice. */
  async #end(failedChunks: number): Promise<void> {
    const { job } = this.#store;
    if (job === undefined) return;
    const { slice, ...rest } = job;
    const ended: JobRecord = failedChunks === 0 ? rest : job;
    const nextDueAt = this.#store.nextDueAt();
    if (job.status === "cancelled") await this.#finish(ended, "cancelled");
    else if (nextDueAt === null) await this.#finish(ended, "completed");
    else if (job.status !== "running") this.#store.job = ended;
    else if (this.#hasFailedEnough(job, 0)) await this.#finish(ended, "cancelled");
    else {
      this.#store.job = ended;
      const pauseMs = failedChunks > 0 ? troubleDelay(slice?.stuck ?? 0) : 0;
      await this.ctx.storage.setAlarm(Math.max(nextDueAt, Date.now() + pauseMs));
    }
  }

  async #finish(job: JobRecord, status: "completed" | "cancelled"): Promise<void> {
    const finishedAt = Date.now();
    const expiresAt = finishedAt + job.retentionMs;
    const { channels } = readConfig(this.env).config;
    const summary = { ...this.#summarize(job), status };
    const announcement = announceEnd(job.work, summary, { channels, newId: v7, now: finishedAt });
    this.#store.job = {
      ...withoutStretch(job, finishedAt),
      status,
      finishedAt,
      expiresAt,
      ...(announcement && { announcement }),
    };
    await this.ctx.storage.setAlarm(announcement ? finishedAt : expiresAt);
  }

  /** Starts the job that tells of the end. A job with its event's id starts once, however often this runs. */
  async #handOver(job: JobRecord): Promise<void> {
    const { announcement } = job;
    if (announcement === undefined) return;
    await this.ctx.storage.setAlarm(Date.now() + WATCHDOG_MS);
    const notification = await startNotification(
      this.env,
      announcement.event,
      announcement.deliveries,
    );
    this.ctx.waitUntil(notification.run().catch(() => undefined));
    // While the other object was asked, this job may have been removed, or its failed items be retried.
    const now = this.#store.job;
    if (now?.announcement?.event.id !== announcement.event.id) return;
    const { announcement: _, ...rest } = now;
    this.#store.job = rest;
    if (!isUnderWay(rest)) await this.ctx.storage.setAlarm(rest.expiresAt);
  }

  /** Whether a further item may be started. */
  #isWanted(unsavedFailures: number): boolean {
    const { job } = this.#store;
    return job?.status === "running" && !this.#hasFailedEnough(job, unsavedFailures);
  }

  #hasFailedEnough({ work }: JobRecord, unsaved: number): boolean {
    const limit = work.kind === "batch" ? work.options.stop_after_failures : undefined;
    return limit !== undefined && this.#store.counts().failed + unsaved >= limit;
  }

  #require(): JobRecord {
    const { job } = this.#store;
    if (job === undefined) throw new Error("The job is gone");
    return job;
  }

  #summarize(job: JobRecord): JobSummary {
    const { status, work, total, startedAt, finishedAt, expiresAt } = job;
    const { createdAt } = work;
    const counts = this.#store.counts();
    const operation = work.kind === "batch" ? work.operation : work.kind;
    return {
      status,
      operation,
      total,
      createdAt,
      startedAt,
      finishedAt,
      expiresAt,
      ...counts,
      ranMs: withoutStretch(job, counts.lastResultAt ?? 0).ranMs,
    };
  }
}

/** @param stuck slices before this one that came to nothing, in a row */
function troubleDelay(stuck: number): number {
  return Math.min(MAX_TROUBLE_DELAY_MS, TROUBLE_DELAY_MS * 2 ** stuck);
}
