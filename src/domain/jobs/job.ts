// What a job is made of: items in chunks, each of which ends succeeded or failed. Batches and
// notifications are jobs; what differs between them is passed in. `slice.ts` works them off.
import { ROW_BYTES } from "../platform";

/** What one attempt at an item came to. */
export type Attempt =
  | { readonly status: "succeeded"; readonly output: unknown }
  /** `isFinal`: no further attempt can help. `retryAfterMs`: when the other side wants the next one. */
  | {
      readonly status: "failed";
      readonly error: ItemError;
      readonly isFinal?: boolean;
      readonly retryAfterMs?: number;
    };

/** Attempts with the indexes of their items. An item that has none was not attempted, and stays due. */
export type Made = readonly (readonly [index: number, attempt: Attempt])[];

/** Codes of what the engine itself makes of an item; kinds of jobs have further ones. */
export const JOB_ERROR_CODES = ["crashed", "result-too-large", "unserializable"] as const;
export type JobErrorCode = (typeof JOB_ERROR_CODES)[number];

/** Why an item failed. Kinds of jobs add members of their own. */
export interface ItemError {
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** Where an item stands. Times are milliseconds since 1970 UTC. */
export type ItemState =
  | {
      readonly status: "pending";
      readonly attempts: number;
      readonly dueAt: number;
      readonly error?: ItemError;
    }
  | { readonly status: "succeeded"; readonly attempts: number; readonly output: unknown }
  | { readonly status: "failed"; readonly attempts: number; readonly error: ItemError };

/** Some hundreds of items that are stored, run and saved together: a row each, not a row an item. */
export interface Chunk {
  /** Index of its first item in the whole job; names the chunk. */
  readonly first: number;
  readonly items: readonly unknown[];
  /** One for each item; null before the first run. */
  readonly states: readonly ItemState[] | null;
}

/** How a job's items are run. */
export interface Executor {
  /** Chunks that are run at once. */
  readonly lanes: number;
  /** Whether an attempt leaves nothing behind but its result: those after the end count for nothing. */
  readonly isPure: boolean;
  /**
   * Attempts the given items of a chunk, which it starts in order. May reject: then nothing is known of what it has
   * not reported, and that is run again.
   *
   * @param report takes what was made so far, once, and says whether further items may be started
   * @returns what it has not reported
   */
  runChunk(lane: number, items: readonly DueItem[], report: (made: Made) => boolean): Promise<Made>;
  /** Milliseconds until the attempt after `attempts`, or null when that was the last. */
  retryDelay(attempts: number): number | null;
}

/** An item whose turn it is. */
export interface DueItem {
  readonly index: number;
  readonly item: unknown;
  /** Attempts made before this one. */
  readonly attempts: number;
}

/** Where chunks are kept. Saving is atomic. */
export interface ChunkStore {
  /** The first chunk with an item due at `now` that is not among `taken`. */
  nextDue(now: number, taken: ReadonlySet<number>): Chunk | null;
  /** When the next item is due of the chunks that are not among `taken`; null where there is none. */
  nextDueAt(taken: ReadonlySet<number>): number | null;
  /** Keeps the states of a chunk's items; where they are large, as several chunks. */
  save(chunk: Chunk, states: readonly ItemState[], now: number): void;
  /** Keeps the states of a chunk that is under way, where it can stay one. @returns whether it did */
  saveInPlace(chunk: Chunk, states: readonly ItemState[], now: number): boolean;
}

/** Before its first attempt an item is due at once. */
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

/** A failed item as if it had never been run, for a retry by hand. */
export function reset(state: ItemState): ItemState {
  return state.status === "failed" ? NEVER_RUN : state;
}

/** When a chunk has something to do: the earliest due item, or null where all are finished. */
export function dueAt(states: readonly ItemState[]): number | null {
  const times = states.flatMap((state) => (state.status === "pending" ? [state.dueAt] : []));
  return times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time));
}

/** Bytes of one item's result as JSON: with its state it must fit into a row. */
export const MAX_RESULT_BYTES = ROW_BYTES - 200_000;

/**
 * An attempt as it can be stored. A result that is too large, or that cannot be written as JSON (a
 * cycle, a BigInt, a function), fails that item alone.
 */
export function storable(attempt: Attempt): Attempt {
  const json = toJson(attempt.status === "succeeded" ? attempt.output : attempt.error);
  if (json === undefined) return failure("unserializable", "The result cannot be written as JSON.");
  // A UTF-16 unit takes three bytes at most, so most results need no counting.
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

/** The end of items that took their object down with them, again and again. */
export function giveUp(state: ItemState): ItemState {
  if (state.status !== "pending") return state;
  const code = "crashed" satisfies JobErrorCode;
  const error = { code, detail: "The item ended its process each time it was run." };
  return { status: "failed", attempts: state.attempts, error };
}
