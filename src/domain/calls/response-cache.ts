// Responses of named upstreams, kept for the seconds that the operator allows, and a while longer
// for when the upstream fails (stale-if-error, RFC 5861 §4).
import type { Clock } from "../../lib/clock";
import { startDeadline } from "../../lib/deadline";
import {
  FetchFailure,
  toFailure,
  type Outcome,
  type OutgoingResponse,
} from "../outgoing/outgoing-fetch";

/** How long after its freshness a response may stand in for a failing upstream. */
export const STALE_SECONDS = 86_400;

export type CacheStatus = "hit" | "miss" | "stale";

/** Where responses are kept. A cache may forget at any time, and failing to keep is no failure. */
export interface ResponseCache {
  get(key: string): Promise<{ response: OutgoingResponse; storedAtEpochMs: number } | null>;
  put(key: string, response: OutgoingResponse, keepSeconds: number): Promise<void>;
  /** Loads under the flights of one isolate: whoever asks while a load is under way shares it. */
  readonly flights: Map<string, Flight>;
  /** Keeps an invocation until a load has ended, its caller gone or not: those who wait learn of it. */
  keepAlive(work: Promise<unknown>): void;
}

/** A load under way. */
export interface Flight {
  /** When it has a connection: until then it waits behind calls that are not its own. */
  readonly departure: Promise<unknown>;
  readonly outcome: Promise<Outcome>;
  /** Milliseconds that its starter gives the upstream, all attempts together. */
  readonly patienceMs: number;
  /** By then it is over: who still finds it has found what a crash left. */
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
  /** Milliseconds that all attempts of this caller together may take. */
  readonly attemptsMs: number;
  /** @param onDeparture to be called when the first attempt starts */
  readonly load: (onDeparture: () => void) => Promise<Outcome>;
}

/** The outcome of a load or what the cache has instead. Only 2xx responses are kept. */
export async function loadCached(
  load: CachedLoad,
): Promise<{ outcome: Outcome; cache: CacheStatus }> {
  const { cache, clock, key, freshSeconds } = load;
  const kept = await cache.get(key).catch(() => null);
  if (kept !== null && clock.epochNow() - kept.storedAtEpochMs < freshSeconds * 1000) {
    return { outcome: { result: kept.response, attempts: 0, startedAt: null }, cache: "hit" };
  }
  const outcome = await share(load);
  if (kept === null || !isFailing(outcome)) return { outcome, cache: "miss" };
  return { outcome: { ...outcome, result: kept.response }, cache: "stale" };
}

/** Joins the flight under this key, or starts one. */
async function share(load: CachedLoad): Promise<Outcome> {
  const { cache, clock, deadline, key, attemptsMs } = load;
  const now = clock.now();
  for (const [name, { expiresAt }] of cache.flights) {
    if (now >= expiresAt) cache.flights.delete(name);
  }
  const patienceMs = Math.min(attemptsMs, deadline.at - now);
  const flight = cache.flights.get(key);
  return flight === undefined ? start(load, patienceMs) : join(flight, load, patienceMs);
}

async function start(load: CachedLoad, patienceMs: number): Promise<Outcome> {
  const { cache, key, deadline } = load;
  const departure = Promise.withResolvers<void>();
  const outcome = loadAndKeep(load, departure.resolve);
  cache.keepAlive(outcome);
  const started = { departure: departure.promise, outcome, patienceMs, expiresAt: deadline.at };
  cache.flights.set(key, started);
  try {
    return await outcome;
  } finally {
    forget(started, load);
  }
}

/** What the upstream said to one it has said to all; what ended for the starter's own reasons is started anew. */
async function join(flight: Flight, load: CachedLoad, patienceMs: number): Promise<Outcome> {
  const { clock, deadline } = load;
  const isOver = whenAborted(deadline.signal);
  if ((await Promise.race([flight.departure, flight.outcome, isOver])) === null) {
    return {
      result: toFailure(deadline.signal.reason, deadline.signal),
      attempts: 0,
      startedAt: null,
    };
  }
  const startedAt = clock.now();
  const limit = startDeadline(patienceMs, {
    clock,
    reason: () => new FetchFailure("timeout", `No whole response within ${patienceMs} ms.`),
    parent: deadline.signal,
  });
  const aborted = whenAborted(limit.signal);
  const shared = await Promise.race([flight.outcome, aborted]).finally(limit.clear);
  if (shared === null) {
    // It had as long as its starter gives it: whoever started it is gone.
    if (patienceMs >= flight.patienceMs && !deadline.signal.aborted) forget(flight, load);
    return { result: toFailure(limit.signal.reason, limit.signal), attempts: 1, startedAt };
  }
  if (!isOfTheStarter(shared, flight, patienceMs)) return { ...shared, startedAt };
  forget(flight, load);
  return share(load);
}

/** Whether a flight has failed by its starter's bounds, which may be narrower than another's. */
function isOfTheStarter({ result }: Outcome, flight: Flight, patienceMs: number): boolean {
  if (!(result instanceof FetchFailure)) return false;
  return (
    result.code === "cancelled" || (result.code === "timeout" && flight.patienceMs < patienceMs)
  );
}

/** Nobody joins it any more. */
function forget(flight: Flight, { cache: { flights }, key }: CachedLoad): void {
  if (flights.get(key) === flight) flights.delete(key);
}

async function loadAndKeep(
  { load, cache, key, freshSeconds }: CachedLoad,
  onDeparture: () => void,
): Promise<Outcome> {
  const outcome = await load(onDeparture);
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
