// Runs the items of a job in its object. A run goes on as long as the object lives and anything can be started; what an
// invocation has of it is a slice.
import { awayMs } from "../domain/batches/away";
import { CallLeave } from "../domain/batches/call-leave";
import type { BatchWork } from "../domain/batches/job-record";
import { watchLanes } from "../domain/batches/watch-lanes";
import { createExecutor, type Executor } from "../domain/batches/executor";
import { CRASHED_SUMMARY, summarizeOutputs } from "../domain/batches/output-summary";
import { runChunks } from "../domain/jobs/chunk-run";
import {
  deadlineOf,
  isActive,
  isStuck,
  isUnderWay,
  type JobRecord,
} from "../domain/jobs/job-record";
import { Lanes } from "../domain/jobs/lanes";
import { decide, hasFailedEnough, type JobEvent } from "../domain/jobs/lifecycle";
import { SERVICE_REQUESTS_PER_INVOCATION } from "../domain/platform";
import type { Waiting } from "../domain/jobs/waiting-items";
import { Window } from "../domain/jobs/window";
import { WindowRun, type Bounds, type Rest } from "../domain/jobs/window-run";
import { readConfig } from "../env";
import { rateIntervalMs } from "../lib/rate";
import { createExecutorDeps } from "../runtime/batch-deps";
import { createLeaveDeps } from "../runtime/call-leave";
import { systemClock } from "../runtime/clock";
import { createRunOptions } from "../runtime/run-options";
import { yieldToOthers } from "../runtime/yield-to-others";
import type { JobStore } from "../storage/job-store";

/** Sessions of lanes after which a slice ends: each is a request of the invocation to another object. */
const SLICE_SESSIONS = SERVICE_REQUESTS_PER_INVOCATION - 100;
const CRASHED = {
  code: "crashed",
  detail: "The item ended its process each time it was run.",
} as const;
const UNKNOWN_OPERATION = {
  code: "unknown-operation",
  detail: "There is no such operation any more.",
} as const;

/** Items of a batch before which others need no turn. */
const SMALL_ITEMS = 500;
/** Times that the making of a summary may be cut off. */
const MAX_SUMMARY_TRIES = 5;
/** Milliseconds after which a pause is decided again that could not be stored. */
const PAUSE_AGAIN_MS = 60_000;

/** Surroundings of a runner. */
interface RunnerParts {
  readonly env: Env;
  /** The name of the job's object. */
  readonly name: string;
  readonly store: JobStore;
  /** Applies an event to the job. */
  readonly decide: (event: JobEvent<BatchWork>) => Promise<void>;
}

/** Runs the items of one job, one run at a time. */
export class JobRunner {
  readonly #parts: RunnerParts;
  #run: Promise<void> | null = null;
  #live: { readonly window: Window; readonly run: WindowRun } | null = null;
  /** True while a timer waits for a pause that could not be stored. */
  #isToPause = false;
  /** Resolves when the current slice is to end although the run goes on. */
  #tired = Promise.withResolvers<void>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Items that wait for their next attempt, while any are run; null if that is not known. */
  get waiting(): Waiting | null {
    return this.#live?.window.waiting(Date.now()) ?? null;
  }

  /** Runs items for one slice, or joins whoever runs them. */
  async run(): Promise<void> {
    this.#run ??= this.#runJob().finally(() => {
      this.#run = null;
    });
    this.wake();
    const { batchSliceMs } = readConfig(this.#parts.env).config.limits;
    const slice = Promise.withResolvers<void>();
    const cancel = systemClock.after(batchSliceMs, slice.resolve);
    await Promise.race([this.#run, slice.promise, this.#tired.promise]).finally(cancel);
  }

  /** Looks again at what may be started: the job has changed. */
  wake(): void {
    this.#live?.run.wake();
  }

  /** Ends a cancelled job of which nothing is in flight, or joins whoever does. */
  async settle(): Promise<void> {
    this.#run ??= this.#settle().finally(() => {
      this.#run = null;
    });
    await this.#run;
  }

  /** Forgets the job, which is deleted. */
  drop(): void {
    this.#live?.run.drop();
  }

  /** Ends a cancelled job, after what a crash cut off. */
  async #settle(): Promise<void> {
    const { store } = this.#parts;
    if (store.job !== undefined && store.flight !== null) {
      const executor = await this.#executorOf(store.job.work);
      // A window ends what a crash cut off when it is created.
      if (executor?.kind === "lanes") void new Window({ ...executor, store }, Date.now());
    }
    await this.#rest({ nextAt: Date.now(), waiting: null, hasOutage: false });
  }

  async #runJob(): Promise<void> {
    const { store, env } = this.#parts;
    // A small batch takes no longer than a short request.
    if ((store.job?.total ?? 0) > SMALL_ITEMS) await yieldToOthers();
    const { job } = store;
    // With a faulty configuration all items would fail, so the alarm waits until it is corrected.
    if (job === undefined || readConfig(env).error !== null) return;
    // It was cancelled, and the run that was to end it was cut off.
    if (!isActive(job)) {
      if (isUnderWay(job) && job.status === "cancelled") await this.#settle();
      return;
    }
    const { succeeded, failed } = store.counts();
    await this.#parts.decide({ type: "begin", done: succeeded + failed });
    const begun = store.job;
    if (begun === undefined) return;
    if (isStuck(begun)) store.giveUp(CRASHED, Date.now(), true);
    await this.#rest(await this.#runItems(begun));
  }

  async #rest(rest: Rest): Promise<void> {
    const { store } = this.#parts;
    const { job } = store;
    if (job === undefined) return;
    const { succeeded, failed } = store.counts();
    const pending = job.total - succeeded - failed;
    const event = { type: "rest", ...rest, failed, pending } as const;
    const isEnd = isUnderWay(job) && !isUnderWay(decide(job, event, Date.now()).record);
    if (isEnd) await this.#summarize(job.work);
    // The job may have been deleted meanwhile.
    if (store.job !== undefined) await this.#parts.decide(event);
  }

  /** Makes the summary of the outputs before the job ends: what ends it is saved in the same breath. */
  async #summarize({ then }: BatchWork): Promise<void> {
    const { store, env } = this.#parts;
    if (then === undefined) return;
    const tries = (store.summary?.tries ?? 0) + 1;
    // A summary that ends the process must not keep the job from its end.
    store.summary = { tries, made: null };
    const made =
      tries > MAX_SUMMARY_TRIES
        ? CRASHED_SUMMARY
        : await summarizeOutputs(then, store.outputs(), createRunOptions(env));
    if (store.job !== undefined) store.summary = { tries: 0, made };
  }

  #executorOf(work: BatchWork): Promise<Executor | null> {
    const { store, env, name } = this.#parts;
    return createExecutor(work, {
      ...createExecutorDeps(env, name, work),
      options: () => store.job?.work.options ?? work.options,
      keptBytes: () => store.largeBytes,
    });
  }

  async #runItems({ work }: JobRecord<BatchWork>): Promise<Rest> {
    const { store } = this.#parts;
    const executor = await this.#executorOf(work);
    if (executor === null) {
      store.giveUp(UNKNOWN_OPERATION, Date.now());
      return { nextAt: null, waiting: null, hasOutage: false };
    }
    return executor.kind === "lanes" ? this.#runWindow(executor) : this.#runChunks(executor);
  }

  #runChunks(executor: Extract<Executor, { kind: "chunks" }>): Promise<Rest> {
    const { store } = this.#parts;
    return runChunks({
      ...executor,
      runChunk: async (due, report) => {
        try {
          await executor.runChunk(due, report);
        } catch (error) {
          const ms = awayMs(error);
          if (ms !== null) this.#pauseUntil(Date.now() + ms);
          throw error;
        }
      },
      store,
      mayRun: (unsaved) => this.#mayStart(store.counts().failed + unsaved),
      yieldToOthers,
      now: () => Date.now(),
    });
  }

  async #runWindow(executor: Extract<Executor, { kind: "lanes" }>): Promise<Rest> {
    const { store } = this.#parts;
    const window = new Window({ ...executor, store }, Date.now());
    const leave = this.#openLeave();
    const lanes = new Lanes(
      watchLanes(executor.opener, {
        onSent: (requests) => leave.used(requests),
        onAway: (ms) => this.#pauseUntil(Date.now() + ms),
      }),
    );
    const run = new WindowRun({
      window,
      lanes,
      clock: systemClock,
      bounds: () => this.#bounds(window, lanes),
      hasLeave: () => leave.hasFor(window.inFlight + 1, this.#pending(window)),
      log: (error) => {
        console.error(
          JSON.stringify({ level: "error", event: "job-storage", error: String(error) }),
        );
      },
      onProgress: () => {
        // The writes of a decision are made before its first await; a refused one is made again with the next.
        const { failed } = window.counts;
        this.#parts.decide({ type: "progress", failed }).catch(() => undefined);
      },
    });
    this.#live = { window, run };
    return run.run().finally(() => {
      this.#live = null;
      leave.close();
    });
  }

  #openLeave(): CallLeave {
    const { store, env } = this.#parts;
    return new CallLeave({
      ...createLeaveDeps(env),
      read: () => store.job?.work.leave,
      write: (leave) => {
        const { job } = store;
        if (job !== undefined) store.job = { ...job, work: { ...job.work, leave } };
      },
      onMore: () => this.wake(),
      onSpent: (until) => this.#pauseUntil(until),
    });
  }

  #pending({ counts: { succeeded, failed } }: Window): number {
    return (this.#parts.store.job?.total ?? 0) - succeeded - failed;
  }

  /** Pauses the job until a quota is new. */
  #pauseUntil(until: number): void {
    this.#parts.decide({ type: "quota", until }).catch(() => {
      if (this.#isToPause) return;
      this.#isToPause = true;
      systemClock.after(PAUSE_AGAIN_MS, () => {
        this.#isToPause = false;
        this.wake();
      });
    });
  }

  #bounds(window: Window, lanes: Lanes): Bounds {
    if (lanes.opened >= SLICE_SESSIONS) {
      lanes.opened = 0;
      this.#tired.resolve();
      this.#tired = Promise.withResolvers();
    }
    const { rate, concurrency = 1 } = this.#parts.store.job?.work.options ?? {};
    return {
      mayStart: this.#mayStart(window.counts.failed),
      concurrency,
      intervalMs: rate === undefined ? 0 : rateIntervalMs(rate),
    };
  }

  #mayStart(failed: number): boolean {
    const { job } = this.#parts.store;
    if (job === undefined || !isActive(job)) return false;
    return !hasFailedEnough(job, failed) && Date.now() < deadlineOf(job);
  }
}
