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

/** The runtime's own clock. In a deployed Worker it stands still between I/O. */
export const systemClock: Clock = {
  now: () => performance.now(),
  epochNow: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      return signal.addEventListener("abort", onAbort, { once: true });
    }),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
