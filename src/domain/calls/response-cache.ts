// Caches responses of named upstreams for the seconds that the operator configures, and for a day
// more, to be used while the upstream fails (stale-if-error, RFC 5861 §4).
import type { Clock } from "../../lib/clock";
import { startDeadline } from "../../lib/deadline";
import { FetchFailure, toFailure, type Outcome } from "../outgoing/outgoing-fetch";
import {
  answers,
  freshMs,
  isCacheable,
  isFailing,
  isOkStatus,
  keptSeconds,
  validatorsOf,
  variedBy,
  type KeptResponse,
  type RequestHeaders,
} from "./cacheable";

/** Source of a response: kept and current, loaded, or kept and used in place of a failure. */
export type CacheStatus = "hit" | "miss" | "stale";

/** An outcome, and where it came from. */
export interface Loaded {
  readonly outcome: Outcome;
  readonly cache: CacheStatus;
}

/**
 * A store of responses, and the fetches of this isolate that are in flight. The store may forget an
 * entry at any time, and a `put` that fails only means a miss later on.
 */
export interface ResponseCache {
  get(key: string): Promise<KeptResponse | null>;
  put(key: string, kept: KeptResponse, keepSeconds: number): Promise<void>;
  /** Fetches under way, by key: a second caller of the same key follows instead of fetching again. */
  readonly inFlight: Map<string, SharedFetch>;
  /** Keeps the leader's invocation alive until its fetch ends, even if its caller disconnects: followers wait for it. */
  keepAlive(work: Promise<unknown>): void;
}

/** A fetch in flight: the first caller of its key leads, later ones follow. */
export interface SharedFetch {
  /** Resolves when the fetch gets a connection. Until then it is queued behind other calls of the leader's invocation. */
  readonly connected: Promise<unknown>;
  readonly loaded: Promise<Loaded>;
  /** Headers of the leader's request, which the response may depend on. */
  readonly headers: RequestHeaders;
  /** Milliseconds that the leader allows for all attempts together. */
  readonly timeoutMs: number;
  /** The leader's deadline, on the clock's scale. An entry found after it was left by an invocation that died. */
  readonly expiresAt: number;
}

/** Particulars of one fetch. */
export interface LoadOptions {
  /** Conditional headers that ask if what is kept is still current. */
  readonly validators: RequestHeaders;
  /** True if one attempt is enough, since there is something to use in its place. */
  readonly isReplaceable: boolean;
  /** To be called when the first attempt starts. */
  readonly onConnected: () => void;
}

/** One caller's request for a cached response, with its limits. */
export interface CachedLoad {
  /** Names the request, but for the headers that the response may depend on. */
  readonly key: string;
  readonly headers: RequestHeaders;
  readonly freshSeconds: number;
  readonly cache: ResponseCache;
  readonly clock: Clock;
  /** The instant when this caller stops waiting. */
  readonly deadline: { readonly at: number; readonly signal: AbortSignal };
  /** Milliseconds that all attempts made for this caller may take together. */
  readonly attemptsMs: number;
  readonly load: (options: LoadOptions) => Promise<Outcome>;
}

/**
 * Returns a fresh response from the store, else fetches one. A stale response replaces the failure of an
 * upstream, after one attempt.
 */
export async function loadCached(load: CachedLoad): Promise<Loaded> {
  const { clock, freshSeconds } = load;
  const kept = await find(load);
  const age = kept === null ? Infinity : clock.epochNow() - kept.storedAtEpochMs;
  if (kept !== null && age < freshMs(kept.response.status, freshSeconds)) {
    return { outcome: { result: kept.response, attempts: 0, startedAt: null }, cache: "hit" };
  }
  return leadOrFollow(load, kept);
}

/** The response kept for this request, fresh or not. The latest one tells by which headers they are told apart. */
async function find({ cache, key, headers }: CachedLoad): Promise<KeptResponse | null> {
  const latest = await cache.get(key).catch(() => null);
  if (latest === null || answers(latest.varied, headers)) return latest;
  const variant = await cache.get(variantKey(key, latest.varied, headers)).catch(() => null);
  return variant !== null && answers(variant.varied, headers) ? variant : null;
}

async function keep(load: CachedLoad, response: KeptResponse["response"]): Promise<void> {
  const { cache, clock, freshSeconds, headers, key } = load;
  const varied = variedBy(response.headers, headers);
  const kept = { response, varied, storedAtEpochMs: clock.epochNow() };
  const seconds = keptSeconds(response.status, freshSeconds);
  const keys = Object.keys(varied).length === 0 ? [key] : [variantKey(key, varied, headers), key];
  for (const each of keys) await cache.put(each, kept, seconds).catch(() => undefined);
}

function variantKey(key: string, varied: RequestHeaders, headers: RequestHeaders): string {
  const names = Object.keys(varied).toSorted();
  return JSON.stringify([key, names.map((name) => [name, headers[name] ?? ""])]);
}

/** Follows the fetch in flight under this key, or leads a new one. */
async function leadOrFollow(load: CachedLoad, kept: KeptResponse | null): Promise<Loaded> {
  const { cache, clock, deadline, key, attemptsMs } = load;
  const now = clock.now();
  for (const [name, { expiresAt }] of cache.inFlight) {
    if (now >= expiresAt) cache.inFlight.delete(name);
  }
  const timeoutMs = Math.min(attemptsMs, deadline.at - now);
  const shared = cache.inFlight.get(key);
  return shared === undefined
    ? lead(load, kept, timeoutMs)
    : follow(shared, load, { kept, timeoutMs });
}

async function lead(
  load: CachedLoad,
  kept: KeptResponse | null,
  timeoutMs: number,
): Promise<Loaded> {
  const { cache, key, headers, deadline } = load;
  const connected = Promise.withResolvers<void>();
  const loaded = loadAndKeep(load, kept, connected.resolve);
  cache.keepAlive(loaded);
  const shared = {
    connected: connected.promise,
    loaded,
    headers,
    timeoutMs,
    expiresAt: deadline.at,
  };
  cache.inFlight.set(key, shared);
  try {
    return await loaded;
  } finally {
    remove(shared, load);
  }
}

/**
 * Waits for the leader's outcome within the follower's own limits. An answer of the upstream counts
 * for every follower, unless it depends on a header in which they differ; a fetch that the leader's limits
 * ended is made again.
 */
async function follow(
  shared: SharedFetch,
  load: CachedLoad,
  { kept, timeoutMs }: { kept: KeptResponse | null; timeoutMs: number },
): Promise<Loaded> {
  const { clock, deadline } = load;
  const isOver = whenAborted(deadline.signal);
  if ((await Promise.race([shared.connected, shared.loaded, isOver])) === null) {
    return failed(deadline.signal, 0, null);
  }
  const startedAt = clock.now();
  const limit = startDeadline(timeoutMs, {
    clock,
    reason: () => new FetchFailure("timeout", `No whole response within ${timeoutMs} ms.`),
    parent: deadline.signal,
  });
  const aborted = whenAborted(limit.signal);
  const loaded = await Promise.race([shared.loaded, aborted]).finally(limit.clear);
  if (loaded === null) {
    // The fetch outlasted the leader's own time limit, so the leader's invocation has died: without
    // this, the next caller would wait for it in vain too.
    if (timeoutMs >= shared.timeoutMs && !deadline.signal.aborted) remove(shared, load);
    return failed(limit.signal, 1, startedAt);
  }
  const { outcome, cache } = loaded;
  if (failedByLeadersLimits(outcome, shared, timeoutMs)) {
    remove(shared, load);
    return leadOrFollow(load, kept);
  }
  return isAnswerFor(load, outcome, shared)
    ? { outcome: { ...outcome, startedAt }, cache }
    : loadAndKeep(load, kept, () => undefined);
}

function failed(signal: AbortSignal, attempts: number, startedAt: number | null): Loaded {
  return {
    outcome: { result: toFailure(signal.reason, signal), attempts, startedAt },
    cache: "miss",
  };
}

/** True if the response that the leader got is the one that this request would get. */
function isAnswerFor({ headers }: CachedLoad, { result }: Outcome, shared: SharedFetch): boolean {
  if (result instanceof FetchFailure) return true;
  if (result.headers.get("Vary")?.trim() === "*") return false;
  return answers(variedBy(result.headers, shared.headers), headers);
}

/** Failures that come from the leader's own limits alone, whatever the upstream does. */
const LEADERS_OWN: ReadonlySet<string> = new Set([
  "cancelled",
  "quota-exceeded",
  "subrequest-limit",
]);

/** True if the leader was stopped by its own limits, or timed out sooner than this follower would have. */
function failedByLeadersLimits(
  { result }: Outcome,
  shared: SharedFetch,
  timeoutMs: number,
): boolean {
  if (!(result instanceof FetchFailure)) return false;
  return (
    LEADERS_OWN.has(result.code) || (result.code === "timeout" && shared.timeoutMs < timeoutMs)
  );
}

/** Lets the next caller of the key lead a new fetch, unless another has replaced this one already. */
function remove(shared: SharedFetch, { cache: { inFlight }, key }: CachedLoad): void {
  if (inFlight.get(key) === shared) inFlight.delete(key);
}

/** Fetches a response, or asks if the one that is kept is still current. */
async function loadAndKeep(
  load: CachedLoad,
  kept: KeptResponse | null,
  onConnected: () => void,
): Promise<Loaded> {
  const old = kept !== null && isOkStatus(kept.response.status) ? kept.response : null;
  const validators = old === null ? {} : validatorsOf(old);
  const isReplaceable = old !== null;
  const outcome = await load.load({ validators, isReplaceable, onConnected });
  const { result } = outcome;
  if (old !== null && isFailing(outcome))
    return { outcome: { ...outcome, result: old }, cache: "stale" };
  if (result instanceof FetchFailure) return { outcome, cache: "miss" };
  if (old !== null && result.status === 304) {
    await keep(load, old);
    return { outcome: { ...outcome, result: old }, cache: "hit" };
  }
  if (isCacheable(result, load.freshSeconds)) await keep(load, result);
  return { outcome, cache: "miss" };
}

function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
