// Time as an argument: code that waits or measures takes a clock, so that its tests need no waiting.

/** Tells the time, and is the only way to wait. */
export interface Clock {
  /** Milliseconds on a monotonic scale of its own: for durations. */
  now(): number;
  /** Milliseconds since 1970 UTC: for instants. */
  epochNow(): number;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** What a clock is made of: times as its own, and the runtime's timers. */
interface Timers<Timer> extends Pick<Clock, "now" | "epochNow"> {
  readonly setTimeout: (callback: () => void, ms: number) => Timer;
  readonly clearTimeout: (timer: Timer) => void;
}

/** A clock that waits by the runtime's timers. In a deployed Worker it stands still between I/O. */
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
