// Decides which responses are worth another attempt, and when.
import { backoffDelay, parseRetryAfter } from "../../lib/retry-delay";
import { FetchFailure, type FailureCode, type ResponseHead } from "./fetch-failure";

/** Statuses of transient failures: a further attempt may succeed. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([
  408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529,
]);
const RETRYABLE_FAILURES: ReadonlySet<FailureCode> = new Set(["network", "timeout"]);
/** RFC 9110 §15.5.14: with Retry-After, a body that is too large for now. */
const CONTENT_TOO_LARGE = 413;
const TOO_MANY_REQUESTS = 429;

/** True if a further attempt may succeed. */
export function isTransient(result: ResponseHead | FetchFailure): boolean {
  if (result instanceof FetchFailure) return RETRYABLE_FAILURES.has(result.code);
  const { status, headers } = result;
  return (
    RETRYABLE_STATUSES.has(status) || (status === CONTENT_TOO_LARGE && headers.has("Retry-After"))
  );
}

/** Milliseconds to wait before the next attempt: as the response asks, else by backoff with jitter. */
export function retryDelay(
  result: ResponseHead | FetchFailure,
  attempts: number,
  now: { readonly epochMs: number; readonly random: () => number },
): number {
  const asked = result instanceof FetchFailure ? null : askedDelay(result, now.epochMs);
  return asked ?? backoffDelay(attempts, now.random);
}

/** Milliseconds to wait that are obeyed at most, a year: a longer time may be none that a date can tell. */
const MAX_ASKED_MS = 365 * 24 * 60 * 60_000;

/**
 * Milliseconds that a response asks to wait: by Retry-After; where the limit is what refused, else by
 * RateLimit's `t` (draft-ietf-httpapi-ratelimit-headers), else by X-RateLimit-Reset. Null if it does not say.
 */
export function askedDelay(head: ResponseHead, nowEpochMs: number): number | null {
  const asked = readDelay(head, nowEpochMs);
  return asked === null ? null : Math.min(asked, MAX_ASKED_MS);
}

function readDelay({ status, headers }: ResponseHead, nowEpochMs: number): number | null {
  const asked = parseRetryAfter(headers.get("Retry-After"), nowEpochMs);
  if (asked !== null || !isLimited(status, headers)) return asked;
  const seconds = /(?:^|[;,\s])t=(\d{1,9})(?:$|[;,\s])/.exec(headers.get("RateLimit") ?? "")?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  return parseReset(headers.get("X-RateLimit-Reset"), nowEpochMs);
}

/** True if the limit is used up: many APIs send its state with every response. */
function isLimited(status: number, headers: Headers): boolean {
  return status === TOO_MANY_REQUESTS || headers.get("X-RateLimit-Remaining")?.trim() === "0";
}

/** Seconds from which a number is an instant and no delay: as a delay it would be thirty years. */
const FIRST_EPOCH_SECONDS = 1e9;
const FIRST_EPOCH_MS = 1e12;

/** Reads a field that some APIs give as an instant since 1970, some as a delay, in seconds or milliseconds. */
function parseReset(value: string | null, nowEpochMs: number): number | null {
  const number = /^\d{1,16}(?:\.\d{1,9})?$/.test(value?.trim() ?? "") ? Number(value) : null;
  if (number === null) return null;
  if (number >= FIRST_EPOCH_MS) return Math.max(0, number - nowEpochMs);
  if (number >= FIRST_EPOCH_SECONDS) return Math.max(0, number * 1000 - nowEpochMs);
  return number * 1000;
}
