// The life of one channel: what is attempted when, and what an attempt makes of the channel and of its
// deliveries. Nothing is stored here and nothing sent: `durable-objects/channel.ts` loads, asks, saves and
// carries out. A delivery's own states are drawn in docs/architecture.md.
import type { DeliveryError, DeliveryStatus } from "./delivery";

/** Transitions of a delivery, by their cause. A test compares the diagram in docs/architecture.md with them. */
export const DELIVERY_TRANSITIONS = {
  pending: {
    pending: "failed attempt, flow control, resend",
    delivered: "2xx",
    failed: "schedule over, final refusal, unknown channel, expiry",
    cancelled: "cancel, record deleted",
  },
  delivered: { pending: "resend" },
  failed: { pending: "resend, replay" },
  cancelled: { pending: "resend", delivered: "2xx of an attempt under way" },
} as const satisfies Record<DeliveryStatus, Partial<Record<DeliveryStatus, string>>>;

/** The error of deliveries that end because their channel left the configuration. */
export const UNKNOWN_CHANNEL = {
  code: "unknown-channel",
  detail: "CHANNELS has this channel no more.",
} as const satisfies DeliveryError;
/** The error of deliveries that end because they waited for too long, as in a paused channel. */
export const EXPIRED = {
  code: "expired",
  detail: "It waited for thirty days.",
} as const satisfies DeliveryError;

/** State of a channel. Times are milliseconds since 1970 UTC. */
export interface ChannelState {
  readonly state: "active" | "paused" | "disabled";
  /** The reason for people if it is not active; else null. */
  readonly reason: string | null;
  /** The instant before which the receiver wants nothing. */
  readonly closedUntil: number;
  /** Answers in a row by which it asked to wait. */
  readonly refusals: number;
  /** The end of the time of one attempt at once, since it asked to wait lately. */
  readonly throttledUntil: number;
  /** The earliest next start by the pace. */
  readonly nextStartAt: number;
}

/** A channel that has done nothing yet. */
export const NEW_CHANNEL: ChannelState = {
  state: "active",
  reason: null,
  closedUntil: 0,
  refusals: 0,
  throttledUntil: 0,
  nextStartAt: 0,
};

/** Limits of a channel's speed. */
export interface Pace {
  /** Attempts under way at once. */
  readonly inFlight: number;
  /** Milliseconds between two starts. */
  readonly intervalMs: number;
  /** True if many waiting deliveries are sent as one digest. */
  readonly hasDigests: boolean;
}

/** A pending delivery. */
export interface Waiting {
  readonly seq: number;
  readonly recordId: string;
  /** Attempts that its schedule has used up. */
  readonly tries: number;
  /** Instant of its event. */
  readonly eventAt: number;
  readonly dueAt: number;
}

/** The pending deliveries that are not under way. */
export interface Queue {
  /** The first due ones in order, at most `limit`, none of them of these records. */
  due(now: number, exceptRecords: ReadonlySet<string>, limit: number): readonly Waiting[];
  /** The next instant after this one at which a delivery is due; Infinity where there is none. */
  nextDueAt(after: number): number;
}

/** Deliveries in flight. */
export interface UnderWay {
  readonly attempts: number;
  readonly records: ReadonlySet<string>;
}

/** Waiting deliveries above which they are told together. */
const DIGEST_ABOVE = 10;
/** Deliveries that are looked at for one digest; a message holds fewer lines. */
const MAX_DIGEST_LINES = 50;

/** Groups of deliveries to start. Each group is one message; a digest holds several deliveries. */
export interface Starts {
  readonly state: ChannelState;
  readonly groups: readonly (readonly Waiting[])[];
  /** The instant at which to decide again if nothing else happens; Infinity for never. */
  readonly wakeAt: number;
}

/** Decides what is attempted now. The end of an attempt is when it is to be decided again. */
export function decideStarts(
  state: ChannelState,
  pace: Pace,
  queue: Queue,
  { attempts, records }: UnderWay,
  now: number,
): Starts {
  const none = (wakeAt: number): Starts => ({ state, groups: [], wakeAt });
  if (state.state !== "active") return none(Infinity);
  const opensAt = Math.max(state.closedUntil, state.nextStartAt);
  if (opensAt > now) return none(Math.max(opensAt, queue.nextDueAt(0)));
  const free = (state.throttledUntil > now ? 1 : pace.inFlight) - attempts;
  if (free <= 0) return none(Infinity);
  const isPaced = pace.intervalMs > 0;
  const groups = choose(pace, queue, new Set(records), isPaced ? 1 : free, now);
  // A due delivery that was not chosen waits for another one of its record.
  if (groups.length === 0 || !isPaced) return { state, groups, wakeAt: queue.nextDueAt(now) };
  const nextStartAt = now + pace.intervalMs;
  return { state: { ...state, nextStartAt }, groups, wakeAt: free > 1 ? nextStartAt : Infinity };
}

function choose(
  { hasDigests }: Pace,
  queue: Queue,
  taken: Set<string>,
  free: number,
  now: number,
): (readonly Waiting[])[] {
  if (hasDigests) {
    const waiting = queue.due(now, taken, MAX_DIGEST_LINES);
    if (waiting.length > DIGEST_ABOVE) return [waiting];
  }
  const groups: (readonly Waiting[])[] = [];
  while (groups.length < free) {
    const [next] = queue.due(now, taken, 1);
    if (next === undefined) return groups;
    taken.add(next.recordId);
    groups.push([next]);
  }
  return groups;
}

/** The meaning of an answer. Only status and headers decide it; of a 429 the body may tell the time to wait. */
export type Verdict = { readonly httpStatus: number | null } & (
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly error: DeliveryError; readonly isFinal?: boolean }
  /** Flow control; `waitMs` is null where no time was told. */
  | { readonly kind: "wait"; readonly error: DeliveryError; readonly waitMs: number | null }
  | { readonly kind: "disable"; readonly error: DeliveryError }
);

/** Change of one delivery by an attempt. */
export interface DeliveryChange {
  readonly seq: number;
  readonly status: "pending" | "delivered" | "failed";
  readonly tries: number;
  /** Null unless it is pending. */
  readonly dueAt: number | null;
  readonly httpStatus: number | null;
  readonly error: DeliveryError | null;
}

/** Changes of a channel and its deliveries by an attempt. */
export interface Settlement {
  readonly state: ChannelState;
  readonly changes: readonly DeliveryChange[];
  /** True if the attempt has disabled the channel. */
  readonly isDisabled: boolean;
}

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
/** Milliseconds to wait before each attempt: the schedule of the Standard Webhooks specification. */
export const SCHEDULE_MS = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
  (seconds) => seconds * SECOND_MS,
);
/** Share by which a wait is lengthened at random, so that what failed together does not come back together. */
const JITTER = 0.1;
/** Milliseconds after the event for which flow control uses up no attempt; then it counts as a failure. */
export const PATIENCE_MS = 48 * HOUR_MS;
/** A receiver may ask for more patience than any schedule has, but not for ever. */
const MAX_WAIT_MS = 24 * HOUR_MS;
const FIRST_WAIT_MS = SECOND_MS;
const MAX_BACKOFF_MS = 5 * 60 * SECOND_MS;
/** Milliseconds for which a channel is careful after its receiver asked to wait. */
const THROTTLED_MS = HOUR_MS;

/** Decides what an attempt that has ended makes of the channel and of the deliveries of its group. */
export function settle(
  state: ChannelState,
  group: readonly Waiting[],
  verdict: Verdict,
  now: number,
  random: () => number,
): Settlement {
  // One factor for the group: what was told together is told together again.
  const jitter = 1 + JITTER * random();
  const after = afterVerdict(state, verdict, now);
  return {
    state: after,
    changes: group.map((waiting) => change(waiting, verdict, after, now, jitter)),
    isDisabled: after.state === "disabled" && state.state !== "disabled",
  };
}

function afterVerdict(state: ChannelState, verdict: Verdict, now: number): ChannelState {
  switch (verdict.kind) {
    case "delivered":
      return { ...state, refusals: 0 };
    case "failed":
      return state;
    case "disable":
      return state.state === "disabled"
        ? state
        : { ...state, state: "disabled", reason: verdict.error.detail };
    case "wait": {
      const refusals = state.refusals + 1;
      const own = Math.min(MAX_BACKOFF_MS, FIRST_WAIT_MS * 2 ** Math.min(refusals - 1, 20));
      const wait = Math.ceil(Math.min(MAX_WAIT_MS, verdict.waitMs ?? own));
      return {
        ...state,
        refusals,
        closedUntil: Math.max(state.closedUntil, now + wait),
        throttledUntil: now + THROTTLED_MS,
      };
    }
  }
}

function change(
  { seq, tries, eventAt, dueAt }: Waiting,
  verdict: Verdict,
  state: ChannelState,
  now: number,
  jitter: number,
): DeliveryChange {
  const { httpStatus } = verdict;
  if (verdict.kind === "delivered")
    return { seq, status: "delivered", tries: tries + 1, dueAt: null, httpStatus, error: null };
  const { error } = verdict;
  const isPatient = verdict.kind === "wait" && now - eventAt < PATIENCE_MS;
  // The delivery keeps its place in the queue, and its schedule goes on where it was.
  if (isPatient || verdict.kind === "disable")
    return { seq, status: "pending", tries, dueAt, httpStatus, error };
  const used = tries + 1;
  const delay =
    verdict.kind === "failed" && verdict.isFinal === true ? undefined : SCHEDULE_MS[used];
  if (delay === undefined)
    return { seq, status: "failed", tries: used, dueAt: null, httpStatus, error };
  const at = now + Math.round(delay * jitter);
  const next = verdict.kind === "wait" ? Math.max(at, state.closedUntil) : at;
  return { seq, status: "pending", tries: used, dueAt: next, httpStatus, error };
}

/** The channel once it is to go on: what disabled it, paused it or held it up is forgotten. */
export function enable(state: ChannelState): ChannelState {
  return { ...state, state: "active", reason: null, closedUntil: 0, refusals: 0 };
}

/** The channel that is to tell nothing until it is enabled. One that is disabled stays so. */
export function pause(state: ChannelState): ChannelState {
  if (state.state === "disabled") return state;
  return { ...state, state: "paused", reason: "Paused by request." };
}
