// The outbox of a table: what is still to be done about commits, and how it is carried out until it is.
// Two queues with a rule each. Effects are done in order of their lane, one at a time, and repeated with
// backoff; what fails holds back its own lane alone. Publications bring the copy in KV to the state of
// the table, whatever that is by then; they are paced for each key, and all wait together where KV refuses.
import { mapConcurrently } from "../../lib/map-concurrently";
import { nextMidnight } from "../../lib/next-midnight";
import type { Effect } from "./record";

/** An effect that is not done yet. Times are milliseconds since 1970 UTC. */
export interface PendingEffect {
  readonly key: number;
  /** Effects of one lane are done in order of their keys. */
  readonly lane: string;
  readonly effect: Effect;
  readonly attempts: number;
}

/** A record whose copy in KV is behind. */
export interface Publication {
  readonly recordId: string;
  /** Differs after each commit of the record, so that none is taken for published that came since. */
  readonly mark: number;
}

/** What is kept of the outbox. Each method is one write or none. */
export interface OutboxStore {
  /** The first effect of each lane whose time has come, at most `limit`. */
  dueEffects(now: number, limit: number): readonly PendingEffect[];
  finishEffect(effect: PendingEffect): void;
  /** Puts the whole lane off. */
  postponeEffect(effect: PendingEffect, until: number): void;
  duePublications(now: number, limit: number): readonly Publication[];
  /** Forgets the publication, or puts it off by PUBLISH_PACE_MS where its record was committed since. */
  finishPublication(publication: Publication, now: number): void;
  postponePublication(publication: Publication, until: number): void;
  /** Until when nothing is published, and how often in a row that was said; zeros for no pause. */
  pause: PublishingPause;
}

/** A pause of all publications. */
export interface PublishingPause {
  readonly until: number;
  readonly failures: number;
}

/** What carries things out. A rejection means: not done, do it again. */
export interface Carriers {
  perform(effect: Effect, attempts: number): Promise<void>;
  publish(recordId: string): Promise<void>;
  /** Notes an error that is going to be repeated. */
  log(what: string, error: unknown): void;
}

/** KV takes a write a second for a key (platform limit). */
export const PUBLISH_PACE_MS = 1000;
/** The first retry of an effect comes after so long, each further one after twice as long. */
const RETRY_MS = {
  notify: 1000,
  erase: 1000,
  unassign: 1000,
  "recheck-email": 5 * 60_000,
} as const satisfies Record<Effect["kind"], number>;
const MAX_DOUBLINGS = 6;
const MAX_PAUSE_MS = 5 * 60_000;
/** One connection of the six is left to others. */
const AT_ONCE = 5;
/** Looked up at once. */
const ROUND = 50;

/** Milliseconds from the commit until an effect is due. */
export function firstDelay({ kind }: Effect): number {
  return kind === "recheck-email" ? RETRY_MS[kind] : 0;
}

/** The lane of an effect: what channels are told of a record in order, everything else beside it. */
export function laneOf({ kind, recordId }: Effect): string {
  return `${kind === "erase" ? "notify" : kind}:${recordId}`;
}

/**
 * Carries out what is due, until nothing is, or `budget` operations were started: what one invocation
 * may do is limited.
 */
export async function carryOut(
  store: OutboxStore,
  carriers: Carriers,
  now: () => number,
  budget: number,
): Promise<void> {
  let left = budget;
  while (left > 0) {
    const limit = Math.min(ROUND, left);
    const effects = store.dueEffects(now(), limit);
    const publications = publicationsOf(store, limit - effects.length, now());
    if (effects.length + publications.length === 0) return;
    left -= effects.length + publications.length;
    const work = [
      ...effects.map((effect) => () => perform(effect, store, carriers, now)),
      ...publications.map((publication) => () => publish(publication, store, carriers, now)),
    ];
    await toTheEnd(work);
  }
}

/** The publications of a round: after a pause one alone, which tells if KV takes them again. */
function publicationsOf(store: OutboxStore, limit: number, now: number): readonly Publication[] {
  const { until, failures } = store.pause;
  if (until > now || limit === 0) return [];
  return store.duePublications(now, failures > 0 ? 1 : limit);
}

/** Runs all, whatever fails: what is still under way must not be started again. @throws the first failure */
async function toTheEnd(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  await mapConcurrently(work, AT_ONCE, (run) =>
    run().catch((error: unknown) => void failures.push(error)),
  );
  if (failures.length > 0) throw failures[0];
}

async function perform(
  pending: PendingEffect,
  store: OutboxStore,
  carriers: Carriers,
  now: () => number,
): Promise<void> {
  const { effect, attempts } = pending;
  try {
    await carriers.perform(effect, attempts);
    store.finishEffect(pending);
  } catch (error) {
    carriers.log(effect.kind, error);
    const delay = RETRY_MS[effect.kind] * 2 ** Math.min(attempts, MAX_DOUBLINGS);
    store.postponeEffect(pending, now() + delay);
  }
}

async function publish(
  publication: Publication,
  store: OutboxStore,
  carriers: Carriers,
  now: () => number,
): Promise<void> {
  // Another one of this round may have found KV refusing.
  if (store.pause.until > now()) return;
  try {
    await carriers.publish(publication.recordId);
    const { until, failures } = store.pause;
    // One that was under way when KV began to refuse ends no pause.
    if (failures > 0 && until <= now()) store.pause = { until: 0, failures: 0 };
    store.finishPublication(publication, now());
  } catch (error) {
    carriers.log("publish", error);
    const alone = delayOfKey(error);
    if (alone !== null) store.postponePublication(publication, now() + alone);
    else store.pause = pauseAfter(error, store.pause, now());
  }
}

/** A record that KV does not take, such as one over a limit, waits so long; it may be changed. */
const REFUSED_MS = 60 * 60_000;

/** How long this key alone waits: KV refuses a second write within a second, and what it cannot take. */
function delayOfKey(error: unknown): number | null {
  const status = /failed: (4\d\d)\b/.exec(String(error))?.[1];
  if (status === undefined || isSpent(error)) return null;
  return status === "429" ? PUBLISH_PACE_MS : REFUSED_MS;
}

/** KV's refusal of whatever comes once the day's quota is spent. */
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
