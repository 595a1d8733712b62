// Runs the window of a job: keeps as many items in flight as it may, saves what comes back, and rests once nothing
// can be started for a while. It lives as long as its object; each invocation that waits for it is a slice.
import type { Clock } from "../../lib/clock";
import type { Attempt } from "./job";
import { INTERRUPTED } from "./job";
import { LaneError, type Lanes, type Slot } from "./lanes";
import type { Waiting } from "./waiting-items";
import type { Start, Window } from "./window";

/** Limits of the window at this moment. */
export interface Bounds {
  /** True while further items may be started. */
  readonly mayStart: boolean;
  readonly concurrency: number;
  /** Milliseconds between two starts, 0 for none. */
  readonly intervalMs: number;
}

/** Surroundings of a run. */
export interface WindowRunDeps {
  readonly window: Window;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly bounds: () => Bounds;
  /**
   * Asks for leave to attempt one more item than are in flight.
   *
   * @returns true, or false while it is not known; then `wake` is to be called once it is
   */
  readonly hasLeave: () => boolean;
  /** Is told after items have ended, and after they are saved. */
  readonly onProgress: () => void;
  /** Is told why the storage refused a write. */
  readonly log: (error: unknown) => void;
}

/** Reason and length of a rest: nothing is in flight, and everything is saved. */
export interface Rest {
  /** The instant at which an item can be started again; null if none is left. */
  readonly nextAt: number | null;
  readonly waiting: Waiting | null;
  /** True if lanes cannot be reached. */
  readonly hasOutage: boolean;
}

/** Milliseconds after which results are saved. */
const SAVE_EVERY_MS = 1000;
/** Milliseconds of waiting that are spent in memory; for a longer time the object may be evicted. */
const MAX_IDLE_MS = 3000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

/** A running window. */
export class WindowRun {
  readonly #deps: WindowRunDeps;
  readonly #rest = Promise.withResolvers<Rest>();
  #isOver = false;
  /** Times in a row that lanes could not be reached, and the instant until which none is tried. */
  #outages = 0;
  #outageUntil = 0;
  /** The write that the storage refused, until it takes it; nothing is started meanwhile. */
  #refused: (() => void) | null = null;
  /** Milliseconds until that is tried again. */
  #refusedMs = 0;
  #savedAt: number;
  #reached = 0;
  #cancelSave: (() => void) | null = null;
  #cancelWake: (() => void) | null = null;

  constructor(deps: WindowRunDeps) {
    this.#deps = deps;
    this.#savedAt = deps.clock.now();
  }

  /** Starts what can be started. @returns the rest that follows */
  run(): Promise<Rest> {
    this.wake();
    return this.#rest.promise;
  }

  /** Looks again for what can be started: bounds may have changed, or the storage may take writes again. */
  wake(): void {
    if (this.#isOver) return;
    if (this.#refused !== null) {
      if (!this.#try(this.#refused)) return;
      this.#saveSoon();
    }
    const nextAt = this.#fill();
    if (this.#isOver || this.#refused !== null) return;
    this.#await(nextAt);
  }

  /** The instant by the clock, or by a timer that has fired: the two may differ by a moment. */
  #now(): number {
    return Math.max(this.#deps.clock.epochNow(), this.#reached);
  }

  /** Starts items. @returns when the next one can be started; Infinity if that depends on what is in flight */
  #fill(): number {
    const { window, lanes, bounds, hasLeave } = this.#deps;
    const starts: { readonly start: Start; readonly slot: Slot }[] = [];
    let nextAt = Infinity;
    for (;;) {
      const { mayStart, concurrency, intervalMs } = bounds();
      const isFull = window.inFlight >= concurrency;
      if (!mayStart || isFull || !window.hasLeft || !hasLeave()) break;
      if (this.#outageUntil > this.#now()) {
        nextAt = this.#outageUntil;
        break;
      }
      const start = window.take(this.#now(), intervalMs);
      if (typeof start === "number") {
        nextAt = start;
        break;
      }
      const slot = lanes.take(concurrency, start.isOnce);
      if (slot === null) {
        // After `concurrency` was lowered, some items in flight are in lanes beyond those that it needs.
        window.putBack(start.index);
        break;
      }
      starts.push({ start, slot });
    }
    // Nothing is sent without its mark.
    if (this.#try(this.#saveMarks))
      for (const { start, slot } of starts) void this.#send(start, slot.run(start));
    else
      for (const { start, slot } of starts) {
        window.putBack(start.index);
        slot.release();
      }
    return nextAt;
  }

  async #send(start: Start, outcome: Promise<Attempt | null>): Promise<void> {
    const { window, onProgress } = this.#deps;
    const ended = await outcome.catch((error: unknown) => ({ error }));
    if (this.#isOver) return;
    if (ended === null) window.putBack(start.index);
    else if ("status" in ended) {
      window.end(start.index, ended, this.#now());
      this.#outages = 0;
    } else this.#fail(start, ended.error);
    onProgress();
    this.#saveSoon();
    this.wake();
  }

  /** Records an item whose lane failed: sent perhaps, or not at all. */
  #fail(start: Start, error: unknown): void {
    const { window } = this.#deps;
    // Those that fail together are one outage.
    if (this.#outageUntil <= this.#now()) {
      const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#outages);
      this.#outages += 1;
      this.#outageUntil = this.#now() + waitMs;
    }
    if (error instanceof LaneError || !start.isOnce) window.putBack(start.index);
    else window.end(start.index, INTERRUPTED, this.#now());
  }

  #saveSoon(): void {
    if (this.#cancelSave !== null) return;
    const { clock } = this.#deps;
    const wait = Math.max(0, this.#savedAt + SAVE_EVERY_MS - clock.now());
    this.#cancelSave = clock.after(wait, () => {
      this.#cancelSave = null;
      if (!this.#isOver && this.#save()) this.wake();
    });
  }

  /** @returns false if the storage refuses writes */
  #save(): boolean {
    const { clock, onProgress } = this.#deps;
    this.#savedAt = clock.now();
    if (!this.#try(this.#saveAll)) return false;
    onProgress();
    return true;
  }

  readonly #saveMarks = () => this.#deps.window.saveMarks(this.#now());
  readonly #saveAll = () => this.#deps.window.save(this.#now());
  readonly #clearMarks = () => this.#deps.window.clearMarks();

  /** Runs a write. A refusal stops the window until the storage takes writes again; nothing is forgotten. */
  #try(write: () => void): boolean {
    try {
      write();
      if (write !== this.#refused) return true;
      this.#refused = null;
      this.#refusedMs = 0;
      return true;
    } catch (error) {
      this.#deps.log(error);
      this.#refused = write;
      this.#refusedMs = Math.min(MAX_RETRY_MS, Math.max(FIRST_RETRY_MS, 2 * this.#refusedMs));
      this.#wakeIn(this.#refusedMs);
      return false;
    }
  }

  /** Waits in memory, or rests. */
  #await(nextAt: number): void {
    const { window, bounds } = this.#deps;
    const now = this.#now();
    const isIdle = window.inFlight === 0;
    if (isIdle && this.#isToRest(nextAt, now)) return this.#restUntil(bounds().mayStart, nextAt);
    if (nextAt < Infinity) this.#wakeIn(nextAt - now, nextAt);
  }

  #isToRest(nextAt: number, now: number): boolean {
    const { window, bounds } = this.#deps;
    const isWaiting = bounds().mayStart && window.hasLeft;
    // Lanes that cannot be reached are tried again by another invocation.
    return !isWaiting || this.#outages > 0 || (nextAt < Infinity && nextAt - now > MAX_IDLE_MS);
  }

  #restUntil(mayStart: boolean, nextAt: number): void {
    const { window, lanes } = this.#deps;
    if (window.hasNews && !this.#save()) return;
    if (!this.#try(this.#clearMarks)) return;
    this.#end();
    lanes.close();
    const now = this.#now();
    this.#rest.resolve({
      nextAt: window.hasLeft ? Math.max(now, mayStart && nextAt < Infinity ? nextAt : now) : null,
      waiting: window.waiting(now),
      hasOutage: this.#outages > 0,
    });
  }

  /** Forgets everything: its object has no job any more. */
  drop(): void {
    if (this.#isOver) return;
    this.#end();
    this.#deps.lanes.close();
    this.#rest.resolve({ nextAt: null, waiting: null, hasOutage: false });
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelSave?.();
    this.#cancelWake?.();
  }

  #wakeIn(ms: number, reached = 0): void {
    this.#cancelWake?.();
    this.#cancelWake = this.#deps.clock.after(Math.max(0, ms), () => {
      this.#cancelWake = null;
      this.#reached = Math.max(this.#reached, reached);
      this.wake();
    });
  }
}
