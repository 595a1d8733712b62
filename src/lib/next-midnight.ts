const DAY_MS = 24 * 60 * 60_000;

/** The next 00:00 UTC after an instant, when daily quotas are reset. Both in milliseconds since 1970 UTC. */
export function nextMidnight(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS;
}
