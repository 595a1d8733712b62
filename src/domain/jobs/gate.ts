// The brake of one host: closed while the host asked for patience, then opened for one call at a time, then paced
// by what the host was seen to take. Pure; times are milliseconds since 1970 UTC.

/** The state of a host that has refused a call. A host that never has needs none. */
export interface Gate {
  /** The instant before which no call starts. */
  readonly closedUntil: number;
  /** Refusals in a row that named no time. */
  readonly unnamed: number;
  /** True from a refusal until the next call that is taken: until then one call is in flight. */
  readonly isProbing: boolean;
  /** Milliseconds between two starts. */
  readonly intervalMs: number;
  /** The earliest next start by the pace. */
  readonly nextAt: number;
  /** True once calls at this pace were refused, so that it is near the limit and raised very slowly. */
  readonly isProven: boolean;
  /** Milliseconds that the last refusal asked to wait: a further one costs as much. */
  readonly costMs: number;
  /** The current stretch: its beginning, and the calls that were taken of those that it started. */
  readonly since: number;
  readonly taken: number;
  /** Milliseconds of the first stretch. */
  readonly seenMs: number;
  /** Calls by which the pace is known: those that the host has taken in all stretches that have ended. */
  readonly seen: number;
}

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 5 * 60_000;
/** Share by which the first pace stays below what was seen. */
const MARGIN = 0.03;
/** Factors of the interval after a refusal at that pace, at least and at most. */
const LOWERED = 1.05;
const MOST_LOWERED = 2;
/**
 * Shares by which the pace is raised in the time that a refusal costs: slowly, and very slowly once it was refused. A
 * pace that was seen of few calls is a guess, since the host may have taken one of many a second: it is raised by
 * the share for a single call, divided by the cube of their number.
 */
const RAISED = 0.005;
const RAISED_IF_PROVEN = 0.001;
const RAISED_IF_ONE = 4;
const MOST_RAISED = 2;
const MIN_INTERVAL_MS = 1;
/** Milliseconds by which a timer fires late at most. */
const LATE_MS = 20;

/** The gate of a host after its first call, at `now`. */
export function openGate(now: number): Gate {
  return {
    closedUntil: 0,
    unnamed: 0,
    isProbing: false,
    intervalMs: 0,
    nextAt: 0,
    isProven: false,
    costMs: 0,
    since: now,
    taken: 0,
    seenMs: 0,
    seen: 0,
  };
}

/** The earliest instant for a further call; Infinity if that depends on a call in flight. */
export function startAt(gate: Gate, inFlight: number): number {
  if (gate.isProbing && inFlight > 0) return Infinity;
  return Math.max(gate.closedUntil, gate.nextAt);
}

/**
 * The earliest next start at a pace. Timers fire late: what one was late by is taken off the next wait, so that the pace
 * is kept on the whole; any longer delay is not made up for.
 *
 * @param plannedAt of this start
 */
export function nextStartAt(plannedAt: number, intervalMs: number, now: number): number {
  return (now - plannedAt < LATE_MS ? plannedAt : now) + intervalMs;
}

/** The gate after the start of a call. */
export function afterStart(gate: Gate, now: number): Gate {
  if (gate.intervalMs === 0) return gate;
  const { isProven, seen, nextAt } = gate;
  const guessed = Math.min(MOST_RAISED, RAISED_IF_ONE / Math.max(1, seen) ** 3);
  const raisedBy = Math.max(isProven ? RAISED_IF_PROVEN : RAISED, guessed);
  // A time without calls tells nothing of the pace.
  const passedMs = Math.min(now - nextAt + gate.intervalMs, 2 * gate.intervalMs);
  const shares = passedMs / Math.max(FIRST_WAIT_MS, gate.costMs);
  const intervalMs = Math.max(MIN_INTERVAL_MS, gate.intervalMs / (1 + raisedBy * shares));
  return { ...gate, intervalMs, nextAt: nextStartAt(nextAt, intervalMs, now) };
}

/** The gate after a call that was taken, whatever its outcome. */
export function afterTaken(gate: Gate, startedAt: number): Gate {
  if (startedAt >= gate.since)
    return { ...gate, unnamed: 0, isProbing: false, taken: gate.taken + 1 };
  // It was in flight at the refusal, and belongs to the stretch that this ended.
  const seen = gate.seen + 1;
  if (gate.isProven) return gate;
  return { ...gate, seen, intervalMs: estimate(gate.seenMs, seen) };
}

/** The interval by which a host takes so many calls in so many milliseconds, with a margin. */
function estimate(ms: number, calls: number): number {
  return calls === 0 ? 0 : (ms / calls) * (1 + MARGIN);
}

/**
 * The gate after a refusal.
 *
 * @param startedAt of the refused call
 * @param askedMs milliseconds that the host asked to wait, or null
 */
export function afterRefusal(
  gate: Gate,
  startedAt: number,
  askedMs: number | null,
  now: number,
): Gate {
  const isNew = startedAt >= gate.since;
  const unnamed = askedMs === null && isNew ? gate.unnamed + 1 : gate.unnamed;
  const waitMs = askedMs ?? Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, unnamed - 1));
  const closedUntil = Math.max(gate.closedUntil, now + waitMs);
  // Of the calls that were in flight together the first refusal ends the stretch; the others can only prolong the wait.
  if (!isNew) return { ...gate, closedUntil };
  return {
    ...gate,
    closedUntil,
    unnamed,
    isProbing: true,
    ...pacedAfter(gate, waitMs, now),
    nextAt: closedUntil,
    costMs: waitMs,
    since: closedUntil,
    taken: 0,
  };
}

/** The pace after a refusal, by what the host took in the stretch that it ended. */
function pacedAfter({ intervalMs, taken, seen, since }: Gate, waitMs: number, now: number) {
  const passedMs = now - since;
  if (intervalMs === 0) {
    const seenMs = Math.max(passedMs, waitMs);
    return { intervalMs: estimate(seenMs, taken), seenMs, seen: taken };
  }
  // Without a call that was taken the host is still closed, which tells nothing of its pace.
  if (taken === 0) return {};
  // Whole seconds are mostly rounded up, so that a part of them says nothing of the pace.
  const seenMs = waitMs < FIRST_WAIT_MS ? passedMs + waitMs : Math.max(passedMs, waitMs);
  const lowered = Math.min(seenMs / taken, intervalMs * MOST_LOWERED);
  return {
    intervalMs: Math.max(lowered, intervalMs * LOWERED),
    isProven: true,
    seen: seen + taken,
  };
}
