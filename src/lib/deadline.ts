// Time limits for work: a point in time, and a signal that aborts then. All limits below one deadline share
// one timer, since a timer, a controller and its listeners for each of many calls cost more than the calls.
import type { Clock } from "./clock";

/** A time limit. `signal` aborts at `at`, on the clock's monotonic scale, or earlier. */
export interface TimeLimit {
  readonly at: number;
  /** Made when it is first asked for, with the timer: most work ends before anything has to wait for it. */
  readonly signal: AbortSignal;
  /** Throws the reason, if the limit is over. */
  throwIfOver(this: void): void;
  /**
   * A limit `ms` from now, or this limit itself if that is sooner. Limits of the same length that begin within
   * a millisecond are one, and end with the first of them.
   *
   * @param reason makes the error that the signal aborts with
   */
  within(this: void, ms: number, reason: () => unknown): TimeLimit;
}

/** The limit of a whole piece of work, which whoever started it clears. */
export interface Deadline extends TimeLimit {
  /** Aborts this limit and those below it now, for this reason. */
  readonly abort: (reason: unknown) => void;
  /** Releases the timer and the parent's listener, once the work is done. */
  readonly clear: () => void;
}

/**
 * Starts a deadline `ms` from now, or at its parent's abortion if that is earlier.
 *
 * @param reason makes the error that the signal aborts with; called only then, since making an error takes a
 * while
 */
export function startDeadline(
  ms: number,
  { clock, reason, parent }: { clock: Clock; reason: () => unknown; parent?: AbortSignal },
): Deadline {
  const limits = new Limits(clock);
  const whole = limits.open(ms, reason);
  const onParentAbort = () => limits.abort(parent?.reason);
  if (parent?.aborted) onParentAbort();
  parent?.addEventListener("abort", onParentAbort, { once: true });
  return {
    at: whole.at,
    get signal() {
      return whole.signal;
    },
    throwIfOver: whole.throwIfOver,
    within: whole.within,
    abort: (why) => limits.abort(why),
    clear: () => {
      limits.clear();
      parent?.removeEventListener("abort", onParentAbort);
    },
  };
}

/** A limit that is kept by somebody else; there are no shorter ones within it. */
export function fixedLimit(at: number, signal: AbortSignal): TimeLimit {
  const throwIfOver = () => signal.throwIfAborted();
  const limit: TimeLimit = { at, signal, throwIfOver, within: () => limit };
  return limit;
}

/** Milliseconds by which a limit may end early, to be the same as another. */
const SHARED_MS = 1;

interface OpenLimit extends TimeLimit {
  readonly ms: number;
  readonly reason: () => unknown;
  readonly end: (reason: unknown) => void;
  /** True if somebody waits for its signal. */
  readonly isAwaited: () => boolean;
}

/** Limits over one timer, which is set for the earliest that is awaited. */
class Limits {
  readonly #clock: Clock;
  #open: OpenLimit[] = [];
  #isCleared = false;
  #timerAt = Infinity;
  #cancelTimer: () => void = () => undefined;
  #aborted: { readonly reason: unknown } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(ms: number, reason: () => unknown): OpenLimit {
    const at = this.#clock.now() + ms;
    const same = this.#open.find((limit) => limit.ms === ms && at - limit.at < SHARED_MS);
    if (same !== undefined) return same;
    const within: TimeLimit["within"] = (part, why) =>
      this.#clock.now() + part >= at ? limit : this.open(part, why);
    const arm = () => this.#await(at);
    const isOver = () => this.#clock.now() >= at;
    let controller: AbortController | undefined;
    let ended = this.#aborted;
    const limit: OpenLimit = {
      at,
      ms,
      reason,
      within,
      get signal() {
        if (controller === undefined) {
          controller = new AbortController();
          if (ended === null) arm();
          else controller.abort(ended.reason);
        }
        return controller.signal;
      },
      isAwaited: () => controller !== undefined,
      throwIfOver: () => {
        if (ended === null && isOver()) limit.end(reason());
        if (ended !== null) throw ended.reason;
      },
      end: (why) => {
        ended ??= { reason: why };
        controller?.abort(ended.reason);
      },
    };
    if (ended === null) this.#open.push(limit);
    return limit;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    for (const limit of this.#open) limit.end(reason);
    this.clear();
  }

  clear(): void {
    this.#isCleared = true;
    this.#open = [];
    this.#cancelTimer();
    this.#timerAt = Infinity;
  }

  #await(at: number): void {
    if (!this.#isCleared && at < this.#timerAt) this.#setTimer(at);
  }

  #setTimer(at: number): void {
    this.#cancelTimer();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.after(at - this.#clock.now(), () => this.#end(at));
  }

  /** Ends what is due. The first limit is the whole: nothing below it outlasts it. */
  #end(at: number): void {
    const [whole] = this.#open;
    if (whole !== undefined && whole.at <= at) return this.abort(whole.reason());
    const due = this.#open.filter((limit) => limit.at <= at);
    this.#open = this.#open.filter((limit) => limit.at > at);
    const awaited = this.#open.filter((limit) => limit.isAwaited());
    this.#timerAt = Infinity;
    for (const limit of awaited) this.#await(limit.at);
    for (const limit of due) limit.end(limit.reason());
    return undefined;
  }
}
