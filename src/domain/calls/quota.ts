// Decides whether a call of an upstream may be made: its rate, its calls of the day, and those of each caller
// without a token.
import type { Rate } from "../../lib/rate";

/** Bounds of an upstream; null for none. */
export interface Quota {
  readonly rate: Rate | null;
  readonly dailyCalls: number | null;
  readonly perCaller: Rate | null;
}

/** The use of a quota by the calls of one day; instants are in milliseconds since 1970 UTC. */
export interface QuotaState {
  /** The instant of the next turn. */
  readonly nextAt: number;
  /** Calls of the day. */
  readonly used: number;
}

/** The calls of one caller in a window, which began with the first of them. */
export interface CallerState {
  readonly from: number;
  readonly used: number;
}

/** The state of nothing used. */
export const UNUSED_QUOTA: QuotaState = { nextAt: 0, used: 0 };
/** The state of a caller who has used nothing. */
export const UNUSED_CALLER: CallerState = { from: -Infinity, used: 0 };

/** Answer to a call: after a wait it may be made, or it may not. */
export type Admission =
  | { readonly status: "admitted"; readonly waitMs: number }
  | { readonly status: "refused"; readonly detail: string };

/** Answer to a call, and what is used once it is given. */
export type QuotaDecision =
  | {
      readonly status: "admitted";
      readonly waitMs: number;
      readonly state: QuotaState;
      readonly caller: CallerState;
    }
  | { readonly status: "refused"; readonly detail: string };

/**
 * Decides about one call. Turns of the rate are evenly spaced; one that comes within the call's time is waited
 * for. A refused call uses nothing.
 *
 * @param caller of a caller without a token; null for others
 * @param withinMs milliseconds that the call has left
 */
export function decideAdmission(
  { rate, dailyCalls, perCaller }: Quota,
  used: { readonly state: QuotaState; readonly caller: CallerState | null },
  now: number,
  withinMs: number,
): QuotaDecision {
  const { state } = used;
  if (dailyCalls !== null && state.used >= dailyCalls)
    return refuse(`All ${dailyCalls} calls of the day are used; the next begins at 00:00 UTC.`);
  const caller = used.caller === null ? UNUSED_CALLER : enter(used.caller, perCaller, now);
  if (perCaller !== null && used.caller !== null && caller.used > perCaller.count) {
    const seconds = Math.ceil((caller.from + perCaller.periodMs - now) / 1000);
    return refuse(`Without a token a caller has ${describe(perCaller)}: again in ${seconds} s.`);
  }
  const turnAt = Math.max(now, rate === null ? now : state.nextAt);
  const waitMs = turnAt - now;
  if (rate !== null && waitMs > Math.max(0, withinMs))
    return refuse(
      `The upstream has ${describe(rate)}: the next turn is in ${Math.ceil(waitMs / 1000)} s.`,
    );
  return {
    status: "admitted",
    waitMs,
    caller,
    state: {
      nextAt: rate === null ? state.nextAt : turnAt + rate.periodMs / rate.count,
      used: state.used + 1,
    },
  };
}

function refuse(detail: string): QuotaDecision {
  return { status: "refused", detail };
}

/** The caller's window with one more call; a new one if the last is over. */
function enter(caller: CallerState, perCaller: Rate | null, now: number): CallerState {
  const isOver = perCaller === null || now >= caller.from + perCaller.periodMs;
  return isOver ? { from: now, used: 1 } : { from: caller.from, used: caller.used + 1 };
}

function describe({ count, periodMs }: Rate): string {
  return `${count} calls in ${periodMs / 1000} s`;
}
