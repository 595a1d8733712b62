// Time moved by hand, so that no test waits for it.
import type { Clock } from "../../src/lib/clock";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is advanced. It starts at 0, on 2026-01-01 00:00:00 UTC. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #startedAt = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<Timer>();

  /** Timers and sleeps that are neither over nor called off: what a finished job leaves is a leak. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  epochNow(): number {
    return this.#startedAt + this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancelTimer = this.after(ms, resolve);
    const onAbort = () => {
      cancelTimer();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    await promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  /** Lets `ms` pass: each timer on the way fires at its time, and what follows from it happens first. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.callback();
      await settle();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything happen that needs no time: a turn of the event loop comes after all microtasks. */
export function settle(): Promise<void> {
  // In Node the next timer comes a millisecond later.
  const next = typeof setImmediate === "function" ? setImmediate : setTimeout;
  return new Promise((resolve) => void next(resolve, 0));
}
