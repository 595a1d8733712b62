// The job engine: a slice works due chunks off, side by side, as long as it may. Rows are the truth: a
// crash at any point repeats at most what was not saved.
import type { WakeUp } from "../../lib/wake-up";
import type { Clock } from "../../lib/clock";
import { ChunkRun } from "./chunk-run";
import type { Chunk, ChunkStore, Executor } from "./job";

/** How long a slice goes on, and how it learns that it must not. */
export interface SliceLimits {
  readonly clock: Clock;
  /** No chunk is started after this many milliseconds, but beside slow ones. */
  readonly maxMs: number;
  /** Nor after this many chunks. */
  readonly maxChunks: number;
  /**
   * False once the job is paused, cancelled or gone: no further item is started.
   *
   * @param unsaved items that have failed for good and do not stand in the store yet
   */
  readonly isRunning: (unsaved: number) => boolean;
  /** Lets other events of the object have their turn between chunks. */
  readonly yieldToOthers: () => Promise<void>;
  /** Fires when an item became due earlier than was stored: after a resume or a retry by the user. */
  readonly wakeUp: WakeUp;
}

/** What was made of a chunk is kept after so long, though the chunk is not done: who asks wants to see it. */
const SAVE_EVERY_MS = 1000;
/** For so long beyond its end, a slice goes on beside calls under way: a slow one holds up no other. */
const OVERTIME_MS = 5 * 60_000;

/**
 * Works off due chunks until none is left or the slice is over. While a chunk is under way, whatever
 * becomes due meanwhile is run beside it. A chunk that cannot be run at all stays due for a later slice.
 *
 * @returns whether any chunk could not be run
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
  /** Chunks under way, and those that cannot be run. */
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
      // Who was stopped may be wanted again before the slice is over.
      if (!mayStart) await wakeUp.wait();
      else if (chunk === null) await this.#untilDue();
      else {
        await this.#runChunk(chunk, lane);
        // Who waits for the end of all need not wait any more.
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
    const rung = new AbortController();
    const timer = clock.sleep(Math.max(0, ms), rung.signal).catch(() => undefined);
    await Promise.race([wakeUp.wait(), timer]);
    rung.abort();
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
    let callOff: (() => void) | undefined;
    const showProgress = () => {
      callOff?.();
      callOff = undefined;
      if (!run.hasNews) return;
      const wait = savedAt + SAVE_EVERY_MS - clock.now();
      if (wait > 0) {
        callOff = clock.after(wait, showProgress);
        return;
      }
      savedAt = clock.now();
      // A part of it under another name could be taken for a chunk that nobody runs.
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
      // What is known is kept; the rest is left alone for this slice.
      if (run.hasNews) save();
      this.#failedChunks += 1;
    } finally {
      callOff?.();
      this.#underWay -= 1;
    }
  }
}
