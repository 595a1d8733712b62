// The job engine: items in chunks, worked off in slices until each has succeeded or failed. Batches and
// notifications are jobs; what differs between them is passed in. Rows are the truth: a crash at any
// point repeats at most the chunks that were not saved.
import type { Clock } from "../lib/clock";

/** What one attempt at an item came to. */
export type Attempt =
  | { readonly status: "succeeded"; readonly output: unknown }
  /** `isFinal`: no further attempt can help. `retryAfterMs`: when the other side wants the next one. */
  | {
      readonly status: "failed";
      readonly error: ItemError;
      readonly isFinal?: boolean;
      readonly retryAfterMs?: number;
    }
  /** Not attempted: the invocation's budget was used up. */
  | { readonly status: "deferred" };

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
  /**
   * Attempts the given items of a chunk. Results stand in their order. May reject: then nothing is
   * known of any of them, and the chunk is run again.
   */
  runChunk(lane: number, items: readonly DueItem[]): Promise<readonly Attempt[]>;
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
  /** Keeps the states of a chunk's items. */
  save(chunk: Chunk, states: readonly ItemState[], now: number): void;
}

/** How long a slice goes on, and how it learns that it must not. */
export interface SliceLimits {
  readonly clock: Clock;
  /** No chunk is started after this many milliseconds. */
  readonly maxMs: number;
  /** Nor after this many chunks. */
  readonly maxChunks: number;
  /** False once the job is paused, cancelled or gone: no further chunk is started. */
  readonly isRunning: () => boolean;
  /** Lets other events of the object have their turn between chunks. */
  readonly pause: () => Promise<void>;
}

/**
 * Works off due chunks until none is left or the slice is over. A chunk that cannot be run at all
 * stays due for a later slice.
 *
 * @returns whether any chunk could not be run
 */
export async function runSlice(
  store: ChunkStore,
  executor: Executor,
  { clock, maxMs, maxChunks, isRunning, pause }: SliceLimits,
): Promise<{ readonly failedChunks: number }> {
  const startedAt = clock.now();
  const taken = new Set<number>();
  let failedChunks = 0;
  let started = 0;

  const runLane = async (lane: number) => {
    while (isRunning() && started < maxChunks && clock.now() - startedAt < maxMs) {
      const chunk = store.nextDue(clock.epochNow(), taken);
      if (chunk === null) return;
      taken.add(chunk.first);
      started += 1;
      const isSaved = await runChunk(chunk, lane, store, executor, clock);
      // What failed as a whole is left alone for the rest of the slice.
      if (isSaved) taken.delete(chunk.first);
      else failedChunks += 1;
      await pause();
    }
  };
  await Promise.all(Array.from({ length: executor.lanes }, (_, lane) => runLane(lane)));
  return { failedChunks };
}

async function runChunk(
  chunk: Chunk,
  lane: number,
  store: ChunkStore,
  executor: Executor,
  clock: Clock,
): Promise<boolean> {
  const before = chunk.states ?? chunk.items.map(() => NEVER_RUN);
  const due = dueItems(chunk, before, clock.epochNow());
  let attempts: readonly Attempt[];
  try {
    attempts = await executor.runChunk(lane, due);
  } catch {
    return false;
  }
  const now = clock.epochNow();
  const states = [...before];
  due.forEach(({ index }, position) => {
    const state = states[index - chunk.first];
    const attempt = attempts[position];
    if (state !== undefined && attempt !== undefined) {
      states[index - chunk.first] = advance(state, attempt, executor, now);
    }
  });
  store.save(chunk, states, now);
  return true;
}

/** Before its first attempt an item is due at once. */
export const NEVER_RUN: ItemState = { status: "pending", attempts: 0, dueAt: 0 };

function dueItems({ first, items }: Chunk, states: readonly ItemState[], now: number): DueItem[] {
  return items.flatMap((item, offset) => {
    const state = states[offset];
    return state?.status === "pending" && state.dueAt <= now
      ? [{ index: first + offset, item, attempts: state.attempts }]
      : [];
  });
}

/** The state of an item after an attempt. */
export function advance(
  state: ItemState,
  attempt: Attempt,
  { retryDelay }: Pick<Executor, "retryDelay">,
  now: number,
): ItemState {
  if (attempt.status === "deferred") return state;
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

/** Bytes of one item's result as JSON: it must fit into a row, which the platform bounds at 2 MB. */
export const MAX_RESULT_BYTES = 1_800_000;

/**
 * An attempt as it can be stored. A result that is too large, or that cannot be written as JSON (a
 * cycle, a BigInt, a function), fails that item alone.
 */
export function storable(attempt: Attempt): Attempt {
  if (attempt.status === "deferred") return attempt;
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

function failure(code: string, detail: string): Attempt {
  return { status: "failed", error: { code, detail }, isFinal: true };
}

/** The end of items that took their object down with them, again and again. */
export function giveUp(state: ItemState): ItemState {
  if (state.status !== "pending") return state;
  const error = { code: "crashed", detail: "The item ended its process each time it was run." };
  return { status: "failed", attempts: state.attempts, error };
}
