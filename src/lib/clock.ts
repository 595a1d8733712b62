// Time as an argument: code that waits or measures takes a clock, so that its tests do not wait.

/** A source of time, and the only way to wait. */
export interface Clock {
  /** Milliseconds on a monotonic scale with an arbitrary start, for durations. */
  now(): number;
  /** Milliseconds since 1970 UTC, for instants. */
  epochNow(): number;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls back once after `ms`. The returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Functions that a clock is made from: its times, and the runtime's timers. */
interface Timers<Timer> extends Pick<Clock, "now" | "epochNow"> {
  readonly setTimeout: (callback: () => void, ms: number) => Timer;
  readonly clearTimeout: (timer: Timer) => void;
}

/** Creates a clock on the runtime's timers. In a deployed Worker the time stands still between I/O. */
export function createClock<Timer>({ setTimeout, clearTimeout, ...times }: Timers<Timer>): Clock {
  const after: Clock["after"] = (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  };
  return {
    ...times,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          cancel();
          reject(signal.reason);
        };
        const cancel = after(ms, () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        });
        return signal.addEventListener("abort", onAbort, { once: true });
      }),
  };
}
