// What a record writer keeps: one record, how it changes, and the effects that follow a change.
import type { Delivery, DomainEvent } from "../notifications/notifications";
import { refused, type Refusal } from "../errors";
import { patchTask, type StoredTask, type UpdateTask } from "./tasks";
import { patchUser, type User, type UserChange } from "./users";

/** A record of any kind, as it is stored. */
export type StoredRecord =
  | { readonly kind: "user"; readonly value: User }
  | { readonly kind: "task"; readonly value: StoredTask };

/** A change of a record of the same kind. */
export type RecordChange =
  | { readonly kind: "user"; readonly change: UserChange }
  | { readonly kind: "task"; readonly change: UpdateTask };

/**
 * What follows from a commit and is repeated until it is done. Repeating any of them is harmless.
 *
 * - `publish`: bring KV's copy of this id to the writer's state, which may be that it is gone;
 * - `move`: hand the record over to the writer of its new e-mail, then let go of it;
 * - `recheck-email`: ask DNS again, which did not answer at sign-up;
 * - `notify`: start the job that delivers an event; a job with its id starts once.
 */
export type Effect =
  | { readonly kind: "publish"; readonly of: StoredRecord["kind"]; readonly id: string }
  | {
      readonly kind: "move";
      readonly id: string;
      readonly to: string;
      readonly record: StoredRecord;
    }
  | { readonly kind: "recheck-email"; readonly id: string }
  | {
      readonly kind: "notify";
      readonly id: string;
      readonly event: DomainEvent;
      readonly deliveries: readonly Delivery[];
    };

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
  readonly forwards: readonly Forward[];
  readonly nextKey: number;
}

/** What became of a record that was here: KV may point here, or its arrival be repeated, for a while. */
export interface Forward {
  readonly id: string;
  /** The writer that it moved to, or null where it was deleted. */
  readonly to: string | null;
  /** The version that it had here last. */
  readonly version: number;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
}

export const EMPTY_STATE: WriterState = { record: null, effects: [], forwards: [], nextKey: 1 };

/** How a write ended. */
export type WriteResult =
  | { readonly status: "written"; readonly record: StoredRecord }
  /** The record is now with the writer of this name: ask there. */
  | { readonly status: "moved"; readonly to: string }
  | Refusal;

/** The record after a change, one version on, or why it cannot be changed so. */
export function applyChange(
  record: StoredRecord,
  change: RecordChange,
  now: number,
): StoredRecord | Refusal {
  if (record.kind === "task" && change.kind === "task") {
    const value = patchTask(record.value, change.change, now);
    return "code" in value ? value : { kind: "task", value };
  }
  if (record.kind !== "user" || change.kind !== "user")
    return refused("not-found", "There is nothing under this id.");
  const value = patchUser(record.value, change.change, now);
  if (!("fault" in value)) return { kind: "user", value };
  return refused("invalid-body", "The changed user does not fit the schema; see errors.", [
    { pointer: "#/metadata", detail: value.fault },
  ]);
}

/**
 * What a record means that arrives here, by a sign-up or by a move: a crash repeats either, even when
 * the record has been changed, deleted or moved on since. Then it is `known`, and nothing is to be done.
 */
export function judgeArrival(
  { record, forwards }: WriterState,
  { value: { id, version } }: StoredRecord,
): "known" | "new" | "taken" {
  const here = record?.value.id === id ? record.value : undefined;
  const seen = here ?? forwards.find((forward) => forward.id === id);
  if (seen !== undefined && seen.version >= version) return "known";
  return record === null || here !== undefined ? "new" : "taken";
}

/** The state once a new record is here. An older copy of it, which was about to move, is replaced. */
export function withArrival(state: WriterState, record: StoredRecord): WriterState {
  return {
    ...state,
    record,
    effects: state.effects.filter(({ effect }) => effect.kind !== "move"),
  };
}

/** How long a forward is kept. KV is stale for about a minute, and a move is repeated within two. */
const FORWARD_MS = 24 * 60 * 60_000;

/** The state once its record has gone to another writer, or nowhere. */
export function withoutRecord(state: WriterState, to: string | null, now: number): WriterState {
  const { record } = state;
  if (record === null) return state;
  const { id, version } = record.value;
  const forwards = state.forwards.filter((forward) => forward.id !== id);
  // What has never changed has never moved: its arrival is no move that may be repeated.
  if (to === null && version === 1) return { ...state, record: null, forwards };
  const forward = { id, to, version, until: now + FORWARD_MS };
  return { ...state, record: null, forwards: [...forwards, forward] };
}

/** The first retry of an effect comes after this long, each further one after twice as long. */
const RETRY_MS = {
  publish: 1000,
  move: 1000,
  notify: 1000,
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
  const kept = state.effects.filter((old) => !effects.some((effect) => covers(effect, old.effect)));
  return { ...state, effects: [...kept, ...added], nextKey: state.nextKey + added.length };
}

/** Whether one effect does for another as well, since both work from the state that they find. */
function covers(effect: Effect, older: Effect): boolean {
  const worksFromState = effect.kind === "publish" || effect.kind === "recheck-email";
  return worksFromState && older.kind === effect.kind && older.id === effect.id;
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

/** What may be carried out: while a record moves, only its new writer publishes it. */
function openEffects({ effects }: WriterState): PendingEffect[] {
  const moving = effects.find(({ effect }) => effect.kind === "move")?.effect.id;
  return effects.filter(({ effect }) => effect.kind !== "publish" || effect.id !== moving);
}

/** The first effect that is due. */
export function nextDue(state: WriterState, now: number): PendingEffect | undefined {
  return openEffects(state).find(({ dueAt }) => dueAt <= now);
}

/** When the writer has to wake up next: milliseconds since 1970 UTC, or null when nothing is left. */
export function nextWakeUp(state: WriterState): number | null {
  const times = [
    ...openEffects(state).map(({ dueAt }) => dueAt),
    ...state.forwards.map(({ until }) => until),
  ];
  return times.length === 0 ? null : Math.min(...times);
}
