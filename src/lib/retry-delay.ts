// Delays before another attempt: backoff, and the Retry-After header.
import { parseHttpDate } from "./http-date";

/** Milliseconds that the first retry waits at most; doubled for each further one. */
const BASE_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/**
 * Exponential backoff with full jitter, in milliseconds: anywhere from 0 to 200 ms · 2^(attempt−1),
 * 10 s at most. Full jitter spreads callers that failed together.
 *
 * @param attempt how many attempts have been made, from 1
 * @param random from 0 up to 1, as `Math.random`
 */
export function backoffDelay(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1));
}

/** Milliseconds that the delays before `retries` retries take together, at most. */
export function maxBackoff(retries: number): number {
  return BASE_DELAY_MS * (2 ** retries - 1);
}

/**
 * Milliseconds from `nowEpochMs` until the instant that a Retry-After field names, as delay-seconds, also with
 * a fraction, or HTTP-date (RFC 9110 §10.2.3); null if there is no field or it cannot be parsed.
 */
export function parseRetryAfter(value: string | null, nowEpochMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  // The standard has whole seconds; some APIs send fractions.
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowEpochMs);
}
