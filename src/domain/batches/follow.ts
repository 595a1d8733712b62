// Follows a batch: looks at it often while items are in flight, and seldom while nothing can move.
import type { JobSummary } from "./batch";
import { isOver } from "./batch";

/** Milliseconds between two looks while items are in flight: at most two a second, at least one. */
const BUSY_MS = 600;
/** Milliseconds between two looks while nothing moves. */
const IDLE_MS = 60_000;
/** Milliseconds without news after which something is said: proxies close silent streams. */
const SILENCE_MS = 15_000;

/** Bounds of one stream, after which its reader comes again. */
export interface FollowBounds {
  readonly maxLooks: number;
  readonly maxMs: number;
}

/** Surroundings of a follower. */
export interface FollowDeps extends FollowBounds {
  /** Looks at the batch; null once it is gone. Costs a request. */
  readonly look: () => Promise<JobSummary | null>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** Milliseconds until a further look can see something new. */
function nextLookMs(job: JobSummary, now: number): number {
  const { status, waiting, total, succeeded, failed } = job;
  if (status === "paused") return IDLE_MS;
  if (status === "scheduled") return until(job.startAt ?? now, now);
  const areAllWaiting = waiting !== null && waiting.items >= total - succeeded - failed;
  return status === "running" && areAllWaiting ? until(waiting.until, now) : BUSY_MS;
}

function until(at: number, now: number): number {
  return Math.min(IDLE_MS, Math.max(BUSY_MS, at - now));
}

/**
 * Yields a batch at each look until it is over, and null in between where there is nothing to tell for long.
 * Ends when it is over or gone, or at its bounds.
 *
 * @param first the batch as it is
 */
export async function* follow(
  first: JobSummary,
  { look, sleep, now, maxLooks, maxMs }: FollowDeps,
): AsyncGenerator<JobSummary | null> {
  const endsAt = now() + maxMs;
  let job: JobSummary | null = first;
  for (let looks = 1; job !== null; looks += 1) {
    yield job;
    if (isOver(job) || looks === maxLooks) return;
    const lookAt = now() + nextLookMs(job, now());
    while (now() < lookAt) {
      await sleep(Math.min(SILENCE_MS, lookAt - now()));
      if (now() >= endsAt) return;
      if (now() < lookAt) yield null;
    }
    job = await look();
  }
}
