// The job engine: a slice runs due chunks, several at a time, within its limits. The stored rows are the
// truth: after a crash at any point, only attempts that were not saved are repeated.
import type { WakeUp } from "../../lib/wake-up";
import type { Clock } from "../../lib/clock";
import { ChunkRun } from "./chunk-run";
import type { Chunk, ChunkStore, Executor } from "./job";

/** Limits of a slice. */
export interface SliceLimits {
  readonly clock: Clock;
  /** Milliseconds after which no chunk is started, unless an earlier one is still running. */
  readonly maxMs: number;
  /** Chunks after which no further chunk is started. */
  readonly maxChunks: number;
  /**
   * Returns false once the job is paused, cancelled or deleted: no further item is started.
   *
   * @param unsaved items that have failed for good since the last save, and are not counted in the store
   */
  readonly isRunning: (unsaved: number) => boolean;
  /** Lets other requests to the object run between chunks. */
  readonly yieldToOthers: () => Promise<void>;
  /** Fires when an item became due earlier than was stored: after a resume or a retry by the user. */
  readonly wakeUp: WakeUp;
}

/** Milliseconds after which the states of a running chunk are saved, so that progress is visible. */
const SAVE_EVERY_MS = 1000;
/**
 * Milliseconds after its end for which a slice with running calls still starts chunks, so that one slow call
 * does not block the others.
 */
const OVERTIME_MS = 5 * 60_000;

/**
 * Runs due chunks until none is left or a limit is reached. Items that become due while a chunk is running
 * are run beside it. A chunk that cannot be run stays due for a later slice.
 *
 * @returns the number of chunks that could not be run
 */
export function runSlice(
  store: ChunkStore,
  executor: Executor,
  limits: SliceLimits,
): Promise<{ readonly failedChunks: number }> {
  return new Slice(store, executor, limits).run();
}

class Slice {
  readonly #store: ChunkStore;
  readonly #executor: Executor;
  readonly #limits: SliceLimits;
  readonly #endsAt: number;
  /** First indexes of chunks that are running or could not be run: none of them is started again. */
  readonly #taken = new Set<number>();
  #started = 0;
  #underWay = 0;
  #failedChunks = 0;
  #unsavedFailures = 0;

  constructor(store: ChunkStore, executor: Executor, limits: SliceLimits) {
    this.#store = store;
    this.#executor = executor;
    this.#limits = limits;
    this.#endsAt = limits.clock.now() + limits.maxMs;
  }

  async run(): Promise<{ readonly failedChunks: number }> {
    const lanes = Array.from({ length: this.#executor.lanes }, (_, lane) => this.#runLane(lane));
    await Promise.all(lanes);
    return { failedChunks: this.#failedChunks };
  }

  async #runLane(lane: number): Promise<void> {
    const { clock, yieldToOthers, wakeUp } = this.#limits;
    for (;;) {
      const mayStart = this.#mayStart();
      const chunk = mayStart ? this.#store.nextDue(clock.epochNow(), this.#taken) : null;
      if (chunk === null && this.#underWay === 0) return;
      // Paused lanes wait: a resume may arrive before the slice ends.
      if (!mayStart) await wakeUp.wait();
      else if (chunk === null) await this.#untilDue();
      else {
        await this.#runChunk(chunk, lane);
        // Lanes without a chunk wait until the last one ends, and must check again if this was it.
        wakeUp.notifyAll();
        await yieldToOthers();
      }
    }
  }

  #mayStart(): boolean {
    const { maxChunks, isRunning } = this.#limits;
    return isRunning(this.#unsavedFailures) && this.#started < maxChunks && this.#isInTime();
  }

  #isInTime(): boolean {
    const overtimeMs = this.#executor.isPure || this.#underWay === 0 ? 0 : OVERTIME_MS;
    return this.#limits.clock.now() < this.#endsAt + overtimeMs;
  }

  /** Waits for the next item to be due, or for a wake-up. */
  async #untilDue(): Promise<void> {
    const { clock, wakeUp } = this.#limits;
    const dueAt = this.#store.nextDueAt(this.#taken) ?? Infinity;
    const ms = Math.min(dueAt - clock.epochNow(), this.#endsAt + OVERTIME_MS - clock.now());
    const stopTimer = new AbortController();
    const timer = clock.sleep(Math.max(0, ms), stopTimer.signal).catch(() => undefined);
    await Promise.race([wakeUp.wait(), timer]);
    stopTimer.abort();
  }

  async #runChunk(chunk: Chunk, lane: number): Promise<void> {
    const { clock, isRunning } = this.#limits;
    const run = new ChunkRun(chunk, this.#executor, clock.epochNow());
    this.#taken.add(chunk.first);
    this.#started += 1;
    this.#underWay += 1;
    let savedAt = clock.now();
    const save = () => {
      this.#unsavedFailures -= run.takeFailures();
      this.#store.save(chunk, run.states, clock.epochNow());
    };
    let cancelTimer: (() => void) | undefined;
    const showProgress = () => {
      cancelTimer?.();
      cancelTimer = undefined;
      if (!run.hasNews) return;
      const wait = savedAt + SAVE_EVERY_MS - clock.now();
      if (wait > 0) {
        cancelTimer = clock.after(wait, showProgress);
        return;
      }
      savedAt = clock.now();
      // A running chunk must not be split: its parts would be chunks of their own that another lane could
      // start.
      if (this.#store.saveInPlace(chunk, run.states, clock.epochNow()))
        this.#unsavedFailures -= run.takeFailures();
    };
    const isWanted = () => isRunning(this.#unsavedFailures);
    const onFailure = () => {
      this.#unsavedFailures += 1;
      return isWanted() || !this.#executor.isPure;
    };
    try {
      const rest = await this.#executor.runChunk(lane, run.due, (made) => {
        run.note(made, clock.epochNow(), onFailure);
        showProgress();
        return isWanted() && this.#isInTime();
      });
      run.note(rest, clock.epochNow(), onFailure);
      save();
      this.#taken.delete(chunk.first);
    } catch {
      // Saves the attempts that were reported; the chunk is not run again in this slice.
      if (run.hasNews) save();
      this.#failedChunks += 1;
    } finally {
      cancelTimer?.();
      this.#underWay -= 1;
    }
  }
}
