// The model of a job: items in chunks, each of which ends succeeded or failed. Batches and notifications are
// jobs; what differs between them is passed in. `slice.ts` runs them.
import { ROW_BYTES } from "../platform";

/** Outcome of one attempt at an item. */
export type Attempt =
  | { readonly status: "succeeded"; readonly output: unknown }
  /** `isFinal`: no further attempt can help. `retryAfterMs`: milliseconds that the server asked to wait before the next. */
  | {
      readonly status: "failed";
      readonly error: ItemError;
      readonly isFinal?: boolean;
      readonly retryAfterMs?: number;
    };

/** Attempts by the index of their item. An item that is missing was not attempted, and stays due. */
export type Made = readonly (readonly [index: number, attempt: Attempt])[];

/** Codes of failures that the engine itself causes; each kind of job adds its own. */
export const JOB_ERROR_CODES = ["crashed", "result-too-large", "unserializable"] as const;
/** One of JOB_ERROR_CODES. */
export type JobErrorCode = (typeof JOB_ERROR_CODES)[number];

/** Error of a failed item. Kinds of jobs add fields of their own. */
export interface ItemError {
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** State of an item. Times are milliseconds since 1970 UTC. */
export type ItemState =
  | {
      readonly status: "pending";
      readonly attempts: number;
      readonly dueAt: number;
      readonly error?: ItemError;
    }
  | { readonly status: "succeeded"; readonly attempts: number; readonly output: unknown }
  | { readonly status: "failed"; readonly attempts: number; readonly error: ItemError };

/** A group of items that are stored in one row, and run and saved together, so that rows are few. */
export interface Chunk {
  /** Index of its first item in the whole job, which also identifies the chunk. */
  readonly first: number;
  readonly items: readonly unknown[];
  /** States of the items, in order; null before the first run. */
  readonly states: readonly ItemState[] | null;
}

/** Runs the items of one kind of work. */
export interface Executor {
  /** Chunks that run at the same time. */
  readonly lanes: number;
  /**
   * True if an attempt has no effect besides its result: results that come after a cancellation can then be
   * dropped.
   */
  readonly isPure: boolean;
  /**
   * Attempts items of a chunk, started in order. If it rejects, the attempts that it did not report are
   * unknown, and those items are run again.
   *
   * @param report takes attempts, each once; returns false if no further item may be started
   * @returns the attempts that it did not report
   */
  runChunk(lane: number, items: readonly DueItem[], report: (made: Made) => boolean): Promise<Made>;
  /** Milliseconds to wait after `attempts` attempts before the next, or null if that was the last. */
  retryDelay(attempts: number): number | null;
}

/** An item to be attempted now. */
export interface DueItem {
  readonly index: number;
  readonly item: unknown;
  /** Attempts made so far. */
  readonly attempts: number;
}

/** Store of a job's chunks. Each save is atomic. */
export interface ChunkStore {
  /** The first chunk with an item that is due at `now`, except those in `taken`. */
  nextDue(now: number, taken: ReadonlySet<number>): Chunk | null;
  /** The instant when the next item is due, without the chunks in `taken`; null if there is none. */
  nextDueAt(taken: ReadonlySet<number>): number | null;
  /** Saves the states of a chunk's items; splits the chunk into several if they are too large for one row. */
  save(chunk: Chunk, states: readonly ItemState[], now: number): void;
  /**
   * Saves the states of a running chunk, unless that would split it.
   *
   * @returns true if they were saved
   */
  saveInPlace(chunk: Chunk, states: readonly ItemState[], now: number): boolean;
}

/** State of an item before its first attempt: due at once. */
export const NEVER_RUN: ItemState = { status: "pending", attempts: 0, dueAt: 0 };

/** The state of an item after an attempt. */
export function advance(
  state: ItemState,
  attempt: Attempt,
  { retryDelay }: Pick<Executor, "retryDelay">,
  now: number,
): ItemState {
  const attempts = state.attempts + 1;
  if (attempt.status === "succeeded")
    return { status: "succeeded", attempts, output: attempt.output };
  const delay = attempt.isFinal === true ? null : retryDelay(attempts);
  const { error } = attempt;
  if (delay === null) return { status: "failed", attempts, error };
  return {
    status: "pending",
    attempts,
    dueAt: now + Math.ceil(Math.max(delay, attempt.retryAfterMs ?? 0)),
    error,
  };
}

/** The state of an item after a retry by the user: a failed one starts anew, any other stays as it is. */
export function reset(state: ItemState): ItemState {
  return state.status === "failed" ? NEVER_RUN : state;
}

/** The instant when the first item of a chunk is due, or null if all are finished. */
export function dueAt(states: readonly ItemState[]): number | null {
  const times = states.flatMap((state) => (state.status === "pending" ? [state.dueAt] : []));
  return times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time));
}

/** Bytes of one item's result as JSON, so that it fits into a row with its state. */
export const MAX_RESULT_BYTES = ROW_BYTES - 200_000;

/**
 * The attempt if its result can be stored. A result that is too large, or that is no JSON (a cycle, a BigInt,
 * a function), becomes a failure of that item.
 */
export function storable(attempt: Attempt): Attempt {
  const json = toJson(attempt.status === "succeeded" ? attempt.output : attempt.error);
  if (json === undefined) return failure("unserializable", "The result cannot be written as JSON.");
  // A UTF-16 code unit takes at most three bytes, so most results need no exact count.
  const isSmall = json.length * 3 <= MAX_RESULT_BYTES;
  if (isSmall || new TextEncoder().encode(json).length <= MAX_RESULT_BYTES) return attempt;
  return failure("result-too-large", `The result has more than ${MAX_RESULT_BYTES} bytes as JSON.`);
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function failure(code: JobErrorCode, detail: string): Attempt {
  return { status: "failed", error: { code, detail }, isFinal: true };
}

/** The failed state of an item whose object was cut off each time it ran the item. */
export function giveUp(state: ItemState): ItemState {
  if (state.status !== "pending") return state;
  const code = "crashed" satisfies JobErrorCode;
  const error = { code, detail: "The item ended its process each time it was run." };
  return { status: "failed", attempts: state.attempts, error };
}
