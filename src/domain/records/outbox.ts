// The outbox of a table: effects of commits, and how they are carried out. Two queues. Effects run in order
// within their lane, one at a time, and are retried with backoff; a failing one blocks its own lane only.
// Publications bring the copy in KV up to the table's current state; they are paced per key, and all of them
// pause when KV refuses writes.
import * as v from "valibot";
import { mapConcurrently } from "../../lib/map-concurrently";
import { nextMidnight } from "../../lib/next-midnight";
import type { Effect } from "./record";

/** An effect that is not finished. Times are milliseconds since 1970 UTC. */
export interface PendingEffect {
  readonly key: number;
  /** Effects of the same lane run in order of their keys. */
  readonly lane: string;
  readonly effect: Effect;
  readonly attempts: number;
}

/** A record whose copy in KV is out of date. */
export interface Publication {
  readonly recordId: string;
  /**
   * Changes with each commit of the record, so that a commit during a write to KV is not taken as published; null
   * for a record that is new, and of which nothing but its place is stored.
   */
  readonly mark: number | null;
  /** The place of the record among all; null for one that is deleted. */
  readonly seq: number | null;
  /** The record's JSON, or null. */
  readonly record: string | null;
}

/** The stored outbox. */
export interface OutboxStore {
  /** The first effect of each lane that is due, at most `limit`. */
  dueEffects(now: number, limit: number): readonly PendingEffect[];
  finishEffect(effect: PendingEffect): void;
  /** Postpones the effect, and with it its lane. */
  postponeEffect(effect: PendingEffect, until: number): void;
  duePublications(now: number, limit: number): readonly Publication[];
  /** Remembers a publication as finished until `settle`, so that it is not sent again before. */
  finishPublication(publication: Publication, now: number): void;
  /** Deletes the finished publications, but for those whose record was committed again meanwhile. */
  settle(now: number): void;
  postponePublication(publication: Publication, until: number, now: number): void;
  /** The current pause of publishing; zeros for none. */
  pause: PublishingPause;
}

/** A pause of all publications. `failures` counts those in a row, for the backoff. */
export interface PublishingPause {
  readonly until: number;
  readonly failures: number;
}

/** Functions that carry out effects and publications. A rejection means that it must be repeated. */
export interface Carriers {
  perform(effect: Effect, attempts: number): Promise<void>;
  /** Brings the copy of a record up to what was read. */
  publish(this: void, publication: Publication): Promise<void>;
  /** Logs an error of something that will be repeated. */
  log(what: string, error: unknown): void;
  /** Lets other requests have their turn: where KV answers at once, nothing here waits. */
  yieldToOthers(this: void): Promise<void>;
}

/** Milliseconds between two writes of one key (KV limit: one a second). */
export const PUBLISH_PACE_MS = 1000;
/** Milliseconds before the first retry of an effect; doubled for each further one. */
const RETRY_MS = {
  notify: 1000,
  erase: 1000,
  unassign: 1000,
  "recheck-email": 5 * 60_000,
  "ask-to-confirm": 1000,
} as const satisfies Record<Effect["kind"], number>;
const MAX_DOUBLINGS = 10;
/** Waits from this on end at multiples of themselves, so that thousands which fail alike share an alarm. */
const LONG_MS = 2 * 60_000;
/** Requests to other servers that an effect sends at most: the lookups of a domain. */
const REQUESTS = {
  notify: 0,
  erase: 0,
  unassign: 0,
  "recheck-email": 3,
  "ask-to-confirm": 0,
} as const satisfies Record<Effect["kind"], number>;
const MAX_PAUSE_MS = 5 * 60_000;
/** Effects and publications in progress at once: one of the six connections is left for others. */
const AT_ONCE = 5;
/** Effects and publications that one query reads, and after which others get a turn. */
const ROUND = 10;

/**
 * Milliseconds from the commit until an effect is due. A sign-up is looked into after its reply has left, by the
 * alarm: nothing that depends on the address may be measured by whoever sent it.
 */
export function firstDelay({ kind }: Effect): number {
  return kind === "recheck-email" || kind === "ask-to-confirm" ? RETRY_MS[kind] : 0;
}

/** The lane of an effect: what channels are told of a record in order, everything else beside it. */
export function laneOf({ kind, recordId }: Effect): string {
  return `${kind === "erase" ? "notify" : kind}:${recordId}`;
}

/** Amounts that one invocation may use. */
export interface InvocationBudget {
  /** Effects and publications. */
  readonly operations: number;
  /** Requests to other servers. */
  readonly requests: number;
}

interface RoundDeps {
  readonly store: OutboxStore;
  readonly carriers: Carriers;
  readonly now: () => number;
}

/** Carries out what is due, until nothing is left or the invocation's budget does not suffice for what is. */
export async function carryOut(
  store: OutboxStore,
  carriers: Carriers,
  now: () => number,
  budget: InvocationBudget,
): Promise<void> {
  const deps: RoundDeps = { store, carriers, now };
  let { operations, requests } = budget;
  const isAffordable = ({ effect }: PendingEffect) => {
    const cost = REQUESTS[effect.kind];
    // One that needs more than there ever is must not wait for it.
    if (cost > requests && requests < budget.requests) return false;
    requests -= cost;
    return true;
  };
  while (operations > 0) {
    const limit = Math.min(ROUND, operations);
    const effects = store.dueEffects(now(), limit).filter(isAffordable);
    const publications = publicationsOf(store, limit - effects.length, now());
    if (effects.length + publications.length === 0) return;
    operations -= effects.length + publications.length;
    const work = [
      ...effects.map((effect) => () => perform(effect, deps)),
      ...publications.map((publication) => () => bring(publication, deps)),
    ];
    try {
      await toTheEnd(work);
    } finally {
      store.settle(now());
    }
    if (work.length === limit) await carriers.yieldToOthers();
  }
}

/** The publications of a round. After a pause only one, as a probe of whether KV accepts writes again. */
function publicationsOf(store: OutboxStore, limit: number, now: number): readonly Publication[] {
  const { until, failures } = store.pause;
  if (until > now || limit === 0) return [];
  return store.duePublications(now, failures > 0 ? 1 : limit);
}

/**
 * Runs all, even if some fail, since an effect still in progress must not be started a second time.
 *
 * @throws the first failure
 */
async function toTheEnd(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  await mapConcurrently(work, AT_ONCE, (run) =>
    run().catch((error: unknown) => void failures.push(error)),
  );
  if (failures.length > 0) throw failures[0];
}

async function perform(pending: PendingEffect, { store, carriers, now }: RoundDeps): Promise<void> {
  const { effect, attempts } = pending;
  try {
    await carriers.perform(effect, attempts);
    store.finishEffect(pending);
  } catch (error) {
    carriers.log(effect.kind, error);
    const delay = RETRY_MS[effect.kind] * 2 ** Math.min(attempts, MAX_DOUBLINGS);
    store.postponeEffect(
      pending,
      delay < LONG_MS ? now() + delay : multipleNear(now() + delay, delay),
    );
  }
}

function multipleNear(at: number, step: number): number {
  return Math.ceil(at / step - 0.5) * step;
}

async function bring(publication: Publication, { store, carriers, now }: RoundDeps): Promise<void> {
  // An earlier publication of this round found KV refusing.
  if (store.pause.until > now()) return;
  try {
    await carriers.publish(publication);
    store.finishPublication(publication, now());
    const { until, failures } = store.pause;
    // A write that began before KV refused does not end the pause.
    if (failures > 0 && until <= now()) store.pause = { until: 0, failures: 0 };
  } catch (error) {
    carriers.log("publish", error);
    const alone = delayOfKey(error);
    if (alone !== null) store.postponePublication(publication, now() + alone, now());
    else store.pause = pauseAfter(error, store.pause, now());
  }
}

/**
 * Milliseconds before a record is retried that KV refuses for itself, such as one over a limit: a change may
 * mend it.
 */
const REFUSED_MS = 60 * 60_000;

/**
 * Milliseconds by which to postpone this key alone (a second write within a second, a value that is refused, a record
 * that cannot be read); null if KV refuses everything.
 */
function delayOfKey(error: unknown): number | null {
  if (error instanceof v.ValiError || error instanceof SyntaxError) return REFUSED_MS;
  const status = /failed: (4\d\d)\b/.exec(String(error))?.[1];
  if (status === undefined || isSpent(error)) return null;
  return status === "429" ? PUBLISH_PACE_MS : REFUSED_MS;
}

/** True if KV refused because the day's quota is spent. */
function isSpent(error: unknown): boolean {
  return /limit exceeded for the day/i.test(String(error));
}

function pauseAfter(error: unknown, pause: PublishingPause, now: number): PublishingPause {
  const failures = pause.failures + 1;
  if (isSpent(error)) return { until: nextMidnight(now), failures };
  if (pause.until > now) return pause;
  const delay = Math.min(MAX_PAUSE_MS, 1000 * 2 ** Math.min(failures - 1, 9));
  return { until: now + delay, failures };
}
