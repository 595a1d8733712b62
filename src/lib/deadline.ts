// A time limit for work: a point in time, and a signal that aborts then.
import type { Clock } from "./clock";

/** A time limit. `signal` aborts at `at`, on the clock's monotonic scale, or earlier. */
export interface Deadline {
  readonly at: number;
  readonly signal: AbortSignal;
  /** Aborts the signal now, for this reason. */
  readonly abort: (reason: unknown) => void;
  /** Releases the timer and the parent's listener, once the work is done. */
  readonly clear: () => void;
}

/**
 * Starts a deadline `ms` from now, or at its parent's deadline if that is earlier.
 *
 * @param reason makes the error that the signal aborts with; called only then, since making an error takes a
 * while
 */
export function startDeadline(
  ms: number,
  { clock, reason, parent }: { clock: Clock; reason: () => unknown; parent?: AbortSignal },
): Deadline {
  const controller = new AbortController();
  const abort = (why: unknown) => controller.abort(why);
  const cancelTimer = clock.after(ms, () => abort(reason()));
  const onParentAbort = () => abort(parent?.reason);
  if (parent?.aborted) onParentAbort();
  parent?.addEventListener("abort", onParentAbort, { once: true });
  return {
    at: clock.now() + ms,
    signal: controller.signal,
    abort,
    clear: () => {
      cancelTimer();
      parent?.removeEventListener("abort", onParentAbort);
    },
  };
}
