// Tells an object that is out for the rest of the day from one that is worth another attempt.
import { DomainError } from "../errors";

/** Milliseconds beyond which a table that refuses is away: a quota of the day is spent. */
const AWAY_MS = 60_000;

/** Milliseconds for which an object is away by this error; null if it may be back at any moment. */
export function awayMs(error: unknown): number | null {
  if (!(error instanceof DomainError) || error.code !== "unavailable") return null;
  const ms = (error.options.retryAfterSeconds ?? 0) * 1000;
  return ms > AWAY_MS ? ms : null;
}
