// A point in time by which work must end, and the signal that ends it then or before.
import type { Clock } from "./clock";

/** `signal` aborts at `at` (on the clock's monotonic scale), or earlier. */
export interface Deadline {
  readonly at: number;
  readonly signal: AbortSignal;
  /** Ends the work now, for this reason. */
  readonly abort: (reason: unknown) => void;
  /** Lets go of the timer and the parent: the work is done. */
  readonly clear: () => void;
}

/**
 * Starts a deadline `ms` from now, within a parent's if one is given.
 *
 * @param reason gives what the signal aborts with when the time is over: making an error takes a while
 */
export function startDeadline(
  ms: number,
  { clock, reason, parent }: { clock: Clock; reason: () => unknown; parent?: AbortSignal },
): Deadline {
  const controller = new AbortController();
  const abort = (why: unknown) => controller.abort(why);
  const callOff = clock.after(ms, () => abort(reason()));
  const onParentAbort = () => abort(parent?.reason);
  if (parent?.aborted) onParentAbort();
  parent?.addEventListener("abort", onParentAbort, { once: true });
  return {
    at: clock.now() + ms,
    signal: controller.signal,
    abort,
    clear: () => {
      callOff();
      parent?.removeEventListener("abort", onParentAbort);
    },
  };
}
