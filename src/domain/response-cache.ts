// Responses of named upstreams, kept for the seconds that the operator allows, and a while longer
// for when the upstream fails (stale-if-error, RFC 5861 §4).
import type { Clock } from "../lib/clock";
import { FetchFailure, type Outcome, type OutgoingResponse } from "./outgoing-fetch";

/** How long after its freshness a response may stand in for a failing upstream. */
export const STALE_SECONDS = 86_400;

export type CacheStatus = "hit" | "miss" | "stale";

/** Where responses are kept. A cache may forget at any time, and failing to keep is no failure. */
export interface ResponseCache {
  get(key: string): Promise<{ response: OutgoingResponse; storedAtEpochMs: number } | null>;
  put(key: string, response: OutgoingResponse, keepSeconds: number): Promise<void>;
  /** Loads under the flights of one isolate: whoever asks while a load is under way shares it. */
  readonly flights: Map<string, Flight>;
}

/** A load under way. After `expiresAt` it is given up: whoever started it may be gone. */
export interface Flight {
  readonly outcome: Promise<Outcome>;
  readonly expiresAt: number;
}

/** What one cached load needs. */
export interface CachedLoad {
  readonly key: string;
  readonly freshSeconds: number;
  readonly cache: ResponseCache;
  readonly clock: Clock;
  /** When this caller stops waiting. */
  readonly deadline: { readonly at: number; readonly signal: AbortSignal };
  readonly load: () => Promise<Outcome>;
}

/** The outcome of a load or what the cache has instead. Only 2xx responses are kept. */
export async function loadCached(
  load: CachedLoad,
): Promise<{ outcome: Outcome; cache: CacheStatus }> {
  const { cache, clock, key, freshSeconds } = load;
  const kept = await cache.get(key).catch(() => null);
  const reuse = (status: CacheStatus, attempts: number) => ({
    outcome: {
      result: kept?.response ?? new FetchFailure("network", ""),
      attempts,
      startedAt: null,
    },
    cache: status,
  });
  if (kept !== null && clock.epochNow() - kept.storedAtEpochMs < freshSeconds * 1000)
    return reuse("hit", 0);
  const outcome = await share(load);
  if (isFailing(outcome) && kept !== null) return reuse("stale", outcome.attempts);
  return { outcome, cache: "miss" };
}

/** Joins the flight under this key, or starts one. A flight that failed for its starter is not shared. */
async function share(load: CachedLoad): Promise<Outcome> {
  const { cache, clock, deadline, key } = load;
  const joinedAt = clock.now();
  for (const [name, { expiresAt }] of cache.flights) {
    if (joinedAt >= expiresAt) cache.flights.delete(name);
  }
  const flight = cache.flights.get(key);
  if (flight !== undefined) {
    const shared = await Promise.race([flight.outcome, whenAborted(deadline.signal)]);
    if (shared === null) return load.load();
    if (isOk(shared)) return { ...shared, startedAt: joinedAt };
    return share(load);
  }
  const outcome = loadAndKeep(load);
  const started = { outcome, expiresAt: deadline.at };
  cache.flights.set(key, started);
  try {
    return await outcome;
  } finally {
    if (cache.flights.get(key) === started) cache.flights.delete(key);
  }
}

async function loadAndKeep({ load, cache, key, freshSeconds }: CachedLoad): Promise<Outcome> {
  const outcome = await load();
  if (isOk(outcome) && !(outcome.result instanceof FetchFailure)) {
    await cache.put(key, outcome.result, freshSeconds + STALE_SECONDS).catch(() => undefined);
  }
  return outcome;
}

function isOk({ result }: Outcome): boolean {
  return !(result instanceof FetchFailure) && result.status >= 200 && result.status < 300;
}

/** The upstream is at fault and may recover (RFC 5861 §4); any other status is its answer. */
function isFailing({ result }: Outcome): boolean {
  if (result instanceof FetchFailure) return result.code === "network" || result.code === "timeout";
  return result.status >= 500;
}

function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
