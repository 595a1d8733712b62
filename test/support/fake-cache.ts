// A response cache in memory, and loads that tests finish by hand.
import {
  FetchFailure,
  type FailureCode,
  type Outcome,
} from "../../src/domain/outgoing/outgoing-fetch";
import type { KeptResponse } from "../../src/domain/calls/cacheable";
import type { CachedLoad, LoadOptions, ResponseCache } from "../../src/domain/calls/response-cache";
import type { Deadline } from "../../src/lib/deadline";
import { FakeClock } from "./fake-clock";
import { wholeDeadline } from "./fake-outgoing";

/** Seconds for which the fake cache's responses are fresh. */
export const FRESH_SECONDS = 60;

type Kept = KeptResponse & { keepSeconds: number };

/** A cache that keeps everything, and shows what it has. */
export function fakeCache(): ResponseCache & { readonly kept: Map<string, Kept> } {
  const kept = new Map<string, Kept>();
  return {
    kept,
    inFlight: new Map(),
    keepAlive: () => undefined,
    get: async (key) => kept.get(key) ?? null,
    put: async (key, response, keepSeconds) => {
      kept.set(key, { ...response, keepSeconds });
    },
  };
}

function outcomeOf(result: number | FailureCode, startedAt: number): Outcome {
  const response =
    typeof result === "number"
      ? {
          url: "https://up.example/",
          status: result,
          headers: new Headers(),
          bytes: new Uint8Array(),
          redirects: 0,
        }
      : new FetchFailure(result, "failed");
  return { result: response, attempts: 1, startedAt };
}

/**
 * Loads over one cache. They answer 200 at once, or `byHand` when the test finishes them; they have a
 * connection at once, or `queued` when the test gives them one.
 */
export function cached({ byHand = false, queued = false } = {}) {
  const clock = new FakeClock();
  const cache = fakeCache();
  const loads: PromiseWithResolvers<Outcome>[] = [];
  const deadline = (ms = 25_000): Deadline => wholeDeadline(clock, ms);
  const connections: (() => void)[] = [];
  const run = ({ onConnected }: LoadOptions) => {
    connections.push(onConnected);
    if (!queued) onConnected();
    const pending = Promise.withResolvers<Outcome>();
    loads.push(pending);
    if (!byHand) pending.resolve(outcomeOf(200, clock.now()));
    return pending.promise;
  };
  return {
    clock,
    cache,
    loads,
    connections,
    deadline,
    /** An argument for `loadCached`. */
    load: (parts: Partial<CachedLoad> = {}): CachedLoad => ({
      key: "key",
      headers: {},
      freshSeconds: FRESH_SECONDS,
      cache,
      clock,
      deadline: deadline(),
      attemptsMs: 30_000,
      load: run,
      ...parts,
    }),
    answer: (status: number) => async () => outcomeOf(status, clock.now()),
    outcome: (result: number | FailureCode) => ({ outcome: outcomeOf(result, clock.now()) }),
    finish: (index: number, result: number | FailureCode) =>
      loads[index]?.resolve(outcomeOf(result, clock.now())),
  };
}
