// What a record writer keeps: one record, how it changes, and the effects that follow a change.
import type { DomainCode, Fault } from "./errors";
import { patchUser, type User, type UserChange } from "./users";

/** A record of any kind, as it is stored. */
export interface StoredRecord {
  readonly kind: "user";
  readonly value: User;
}

/** A change of a record of the same kind. */
export interface RecordChange {
  readonly kind: "user";
  readonly change: UserChange;
}

/**
 * What follows from a commit and is repeated until it is done. Repeating any of them is harmless.
 *
 * - `publish`: bring KV's copy of this id to the writer's state, which may be that it is gone;
 * - `move`: hand the record over to the writer of its new e-mail, then let go of it;
 * - `recheck-email`: ask DNS again, which did not answer at sign-up.
 */
export type Effect =
  | { readonly kind: "publish"; readonly of: StoredRecord["kind"]; readonly id: string }
  | {
      readonly kind: "move";
      readonly id: string;
      readonly to: string;
      readonly record: StoredRecord;
    }
  | { readonly kind: "recheck-email"; readonly id: string };

/** An effect that is not done yet. `dueAt` is in milliseconds since 1970 UTC. */
export interface PendingEffect {
  readonly key: number;
  readonly effect: Effect;
  readonly attempts: number;
  readonly dueAt: number;
}

/** A writer's whole state. It is one value, so that a commit is one atomic write. */
export interface WriterState {
  readonly record: StoredRecord | null;
  readonly effects: readonly PendingEffect[];
  /** Where records went that were here: KV may point here for a while yet. */
  readonly forwards: readonly {
    readonly id: string;
    readonly to: string;
    readonly until: number;
  }[];
  readonly nextKey: number;
}

export const EMPTY_STATE: WriterState = { record: null, effects: [], forwards: [], nextKey: 1 };

/** How a write ended. Refusals are values, since an error's class is lost on the way between objects. */
export type WriteResult =
  | { readonly status: "written"; readonly record: StoredRecord }
  | { readonly status: "moved"; readonly to: string }
  | {
      readonly status: "refused";
      readonly code: DomainCode;
      readonly detail: string;
      readonly errors?: readonly Fault[];
    };

/** A refusal as a value. */
export function refused(code: DomainCode, detail: string, errors?: readonly Fault[]): WriteResult {
  return { status: "refused", code, detail, ...(errors && { errors }) };
}

/** The record after a change, one version on, or why it cannot be changed so. */
export function applyChange(
  record: StoredRecord,
  { change }: RecordChange,
  now: number,
): StoredRecord | WriteResult {
  const value = patchUser(record.value, change, now);
  if ("fault" in value) {
    return refused("invalid-body", "The changed user does not fit the schema; see errors.", [
      { pointer: "#/metadata", detail: value.fault },
    ]);
  }
  return { kind: record.kind, value };
}

/** The first retry of an effect comes after this long, each further one after twice as long. */
const RETRY_MS = {
  publish: 1000,
  move: 1000,
  "recheck-email": 5 * 60_000,
} as const satisfies Record<Effect["kind"], number>;
/** Retries never lie further apart than the sixth from the fifth. */
const MAX_DOUBLINGS = 6;

/** Adds effects to a state, due now; what is to be looked at again is due after its first delay. */
export function withEffects(
  state: WriterState,
  effects: readonly Effect[],
  now: number,
): WriterState {
  const added = effects.map((effect, index) => ({
    key: state.nextKey + index,
    effect,
    attempts: 0,
    dueAt: effect.kind === "recheck-email" ? now + RETRY_MS[effect.kind] : now,
  }));
  return { ...state, effects: [...state.effects, ...added], nextKey: state.nextKey + added.length };
}

/** The state once these effects are done. */
export function withoutEffects(state: WriterState, keys: readonly number[]): WriterState {
  return { ...state, effects: state.effects.filter(({ key }) => !keys.includes(key)) };
}

/** The effects that publishing an id now makes good: a later commit adds its own. */
export function publishesOf({ effects }: WriterState, id: string): number[] {
  return effects
    .filter(({ effect }) => effect.kind === "publish" && effect.id === id)
    .map(({ key }) => key);
}

/** The state once an effect has failed: it is tried again later, without end. */
export function postponeEffect(state: WriterState, key: number, now: number): WriterState {
  const effects = state.effects.map((pending) => {
    if (pending.key !== key) return pending;
    const delay = RETRY_MS[pending.effect.kind] * 2 ** Math.min(pending.attempts, MAX_DOUBLINGS);
    return { ...pending, attempts: pending.attempts + 1, dueAt: now + delay };
  });
  return { ...state, effects };
}

/** When the writer has to wake up next: milliseconds since 1970 UTC, or null when nothing is left. */
export function nextWakeUp({ effects, forwards }: WriterState): number | null {
  const times = [...effects.map(({ dueAt }) => dueAt), ...forwards.map(({ until }) => until)];
  return times.length === 0 ? null : Math.min(...times);
}
