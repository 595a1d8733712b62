// Caches responses of named upstreams for the seconds that the operator configures, and for a day
// more, to be used while the upstream fails (stale-if-error, RFC 5861 §4).
import type { Clock } from "../../lib/clock";
import { startDeadline } from "../../lib/deadline";
import {
  FetchFailure,
  toFailure,
  type Outcome,
  type OutgoingResponse,
} from "../outgoing/outgoing-fetch";

/** Seconds after its freshness for which a response may replace a failing upstream's answer. */
export const STALE_SECONDS = 86_400;

/** Source of a response: kept and fresh, loaded, or kept and used in place of a failure. */
export type CacheStatus = "hit" | "miss" | "stale";

/**
 * A store of responses, and the fetches of this isolate that are in flight. The store may forget an
 * entry at any time, and a `put` that fails only means a miss later on.
 */
export interface ResponseCache {
  get(key: string): Promise<{ response: OutgoingResponse; storedAtEpochMs: number } | null>;
  put(key: string, response: OutgoingResponse, keepSeconds: number): Promise<void>;
  /** Fetches under way, by key: a second caller of the same key follows instead of fetching again. */
  readonly inFlight: Map<string, SharedFetch>;
  /** Keeps the leader's invocation alive until its fetch ends, even if its caller disconnects: followers wait for it. */
  keepAlive(work: Promise<unknown>): void;
}

/** A fetch in flight: the first caller of its key leads, later ones follow. */
export interface SharedFetch {
  /** Resolves when the fetch gets a connection. Until then it is queued behind other calls of the leader's invocation. */
  readonly connected: Promise<unknown>;
  readonly outcome: Promise<Outcome>;
  /** Milliseconds that the leader allows for all attempts together. */
  readonly timeoutMs: number;
  /** The leader's deadline, on the clock's scale. An entry found after it was left by an invocation that died. */
  readonly expiresAt: number;
}

/** One caller's request for a cached response, with its limits. */
export interface CachedLoad {
  readonly key: string;
  readonly freshSeconds: number;
  readonly cache: ResponseCache;
  readonly clock: Clock;
  /** The instant when this caller stops waiting. */
  readonly deadline: { readonly at: number; readonly signal: AbortSignal };
  /** Milliseconds that all attempts made for this caller may take together. */
  readonly attemptsMs: number;
  /** @param onConnected to be called when the first attempt starts */
  readonly load: (onConnected: () => void) => Promise<Outcome>;
}

/**
 * Returns a fresh response from the store, else fetches one. A stale response replaces the failure of an
 * upstream. Only 2xx responses are stored.
 */
export async function loadCached(
  load: CachedLoad,
): Promise<{ outcome: Outcome; cache: CacheStatus }> {
  const { cache, clock, key, freshSeconds } = load;
  const kept = await cache.get(key).catch(() => null);
  if (kept !== null && clock.epochNow() - kept.storedAtEpochMs < freshSeconds * 1000) {
    return { outcome: { result: kept.response, attempts: 0, startedAt: null }, cache: "hit" };
  }
  const outcome = await leadOrFollow(load);
  if (kept === null || !isFailing(outcome)) return { outcome, cache: "miss" };
  return { outcome: { ...outcome, result: kept.response }, cache: "stale" };
}

/** Follows the fetch in flight under this key, or leads a new one. */
async function leadOrFollow(load: CachedLoad): Promise<Outcome> {
  const { cache, clock, deadline, key, attemptsMs } = load;
  const now = clock.now();
  for (const [name, { expiresAt }] of cache.inFlight) {
    if (now >= expiresAt) cache.inFlight.delete(name);
  }
  const timeoutMs = Math.min(attemptsMs, deadline.at - now);
  const shared = cache.inFlight.get(key);
  return shared === undefined ? lead(load, timeoutMs) : follow(shared, load, timeoutMs);
}

async function lead(load: CachedLoad, timeoutMs: number): Promise<Outcome> {
  const { cache, key, deadline } = load;
  const connected = Promise.withResolvers<void>();
  const outcome = loadAndKeep(load, connected.resolve);
  cache.keepAlive(outcome);
  const shared = { connected: connected.promise, outcome, timeoutMs, expiresAt: deadline.at };
  cache.inFlight.set(key, shared);
  try {
    return await outcome;
  } finally {
    remove(shared, load);
  }
}

/**
 * Waits for the leader's outcome within the follower's own limits. An answer of the upstream counts
 * for every follower; a fetch that the leader's limits ended is made again.
 */
async function follow(shared: SharedFetch, load: CachedLoad, timeoutMs: number): Promise<Outcome> {
  const { clock, deadline } = load;
  const isOver = whenAborted(deadline.signal);
  if ((await Promise.race([shared.connected, shared.outcome, isOver])) === null) {
    return {
      result: toFailure(deadline.signal.reason, deadline.signal),
      attempts: 0,
      startedAt: null,
    };
  }
  const startedAt = clock.now();
  const limit = startDeadline(timeoutMs, {
    clock,
    reason: () => new FetchFailure("timeout", `No whole response within ${timeoutMs} ms.`),
    parent: deadline.signal,
  });
  const aborted = whenAborted(limit.signal);
  const outcome = await Promise.race([shared.outcome, aborted]).finally(limit.clear);
  if (outcome === null) {
    // The fetch outlasted the leader's own time limit, so the leader's invocation has died: without
    // this, the next caller would wait for it in vain too.
    if (timeoutMs >= shared.timeoutMs && !deadline.signal.aborted) remove(shared, load);
    return { result: toFailure(limit.signal.reason, limit.signal), attempts: 1, startedAt };
  }
  if (!failedByLeadersLimits(outcome, shared, timeoutMs)) return { ...outcome, startedAt };
  remove(shared, load);
  return leadOrFollow(load);
}

/** True if the leader cancelled, or timed out sooner than this follower would have. */
function failedByLeadersLimits(
  { result }: Outcome,
  shared: SharedFetch,
  timeoutMs: number,
): boolean {
  if (!(result instanceof FetchFailure)) return false;
  return result.code === "cancelled" || (result.code === "timeout" && shared.timeoutMs < timeoutMs);
}

/** Lets the next caller of the key lead a new fetch, unless another has replaced this one already. */
function remove(shared: SharedFetch, { cache: { inFlight }, key }: CachedLoad): void {
  if (inFlight.get(key) === shared) inFlight.delete(key);
}

async function loadAndKeep(
  { load, cache, key, freshSeconds }: CachedLoad,
  onConnected: () => void,
): Promise<Outcome> {
  const outcome = await load(onConnected);
  if (isOk(outcome) && !(outcome.result instanceof FetchFailure)) {
    await cache.put(key, outcome.result, freshSeconds + STALE_SECONDS).catch(() => undefined);
  }
  return outcome;
}

function isOk({ result }: Outcome): boolean {
  return !(result instanceof FetchFailure) && result.status >= 200 && result.status < 300;
}

/** True for failures that a stale response may hide (RFC 5861 §4); other statuses are the upstream's answer. */
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
