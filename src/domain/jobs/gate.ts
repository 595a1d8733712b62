// The brake of one host: closed while the host asked for patience, then opened for one call at a time, then paced
// by what the host was seen to take. Pure; times are milliseconds since 1970 UTC.

/** The state of a host that has refused a call. A host that never has needs none. */
export interface Gate {
  /** No call starts before. */
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
  /** Milliseconds of the stretch before, and the calls that it showed the host to take in them. */
  readonly seenMs: number;
  readonly seen: number;
}

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 5 * 60_000;
/** Share by which the first pace stays below what was seen. */
const MARGIN = 0.03;
/** Share by which the pace is lowered by a refusal. */
const LOWERED = 1.05;
const MOST_LOWERED = 1.5;
/** Share by which the pace is raised while no refusal costs as much time as passes. */
const RAISED_BY = 0.01;
const RAISED_BY_IF_PROVEN = 0.002;
const MIN_INTERVAL_MS = 1;
/** Milliseconds by which timers fire late, and which are taken off the next wait. */
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

/** The gate after the start of a call. */
export function afterStart(gate: Gate, now: number): Gate {
  if (gate.intervalMs === 0) return gate;
  const cost = Math.max(FIRST_WAIT_MS, gate.costMs);
  const raisedBy = gate.isProven ? RAISED_BY_IF_PROVEN : RAISED_BY * Math.max(1, 10 / Math.max(1, gate.seen));
  // A start that came late, such as after a pause, is not made up for.
  const passed = Math.max(0, Math.min(now - gate.nextAt + gate.intervalMs, 2 * gate.intervalMs));
  const intervalMs = Math.max(MIN_INTERVAL_MS, gate.intervalMs / (1 + (raisedBy * passed) / cost));
  const planned = Math.max(gate.nextAt, now - Math.min(intervalMs, LATE_MS));
  return { ...gate, intervalMs, nextAt: planned + intervalMs };
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
export function afterRefusal(gate: Gate, startedAt: number, askedMs: number | null, now: number): Gate {
  const isNew = startedAt >= gate.since;
  const unnamed = askedMs === null && isNew ? gate.unnamed + 1 : gate.unnamed;
  const waitMs = askedMs ?? Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, unnamed - 1));
  const closedUntil = Math.max(gate.closedUntil, now + waitMs);
  // One refusal ends a stretch; the others that were in flight with it only tell the time.
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
function pacedAfter(gate: Gate, waitMs: number, now: number) {
  const { intervalMs, taken } = gate;
  const passedMs = now - gate.since;
  if (intervalMs === 0) {
    const seenMs = Math.max(passedMs, waitMs);
    return { intervalMs: estimate(seenMs, taken), seenMs, seen: taken };
  }
  // Without a call that was taken the host is still closed, which tells nothing of its pace.
  if (taken === 0) return {};
  // Whole seconds are mostly rounded up, so that a part of them says nothing of the pace.
  const seenMs = waitMs < FIRST_WAIT_MS ? passedMs + waitMs : Math.max(passedMs, waitMs);
  const lowered = Math.min(seenMs / taken, intervalMs * MOST_LOWERED);
  return { intervalMs: Math.max(lowered, intervalMs * LOWERED), isProven: true };
}
