// The model of a job: items in chunks, each of which ends succeeded or failed. What the items are is passed in.
import { jsonPieces } from "../../lib/json-pieces";
import { utf8Bytes } from "../../lib/utf8-bytes";
import { ROW_BYTES } from "../platform";
import type { Gate } from "./gate";

/** Outcome of one attempt at an item. */
export type Attempt =
  | { readonly status: "succeeded"; readonly output: unknown }
  /** `isFinal`: no further attempt can help. `retryAfterMs`: milliseconds that the server asked to wait before the next. */
  | {
      readonly status: "failed";
      readonly error: ItemError;
      readonly isFinal?: boolean;
      readonly retryAfterMs?: number;
    }
  /**
   * Flow control: nothing was done, which uses up no attempt and closes the item's gate. `waitMs`: milliseconds to
   * wait, or null where no time was named. `isUnsent`: it was refused before it was sent.
   */
  | {
      readonly status: "refused";
      readonly error: ItemError;
      readonly waitMs: number | null;
      readonly isUnsent?: boolean;
    };

/** Attempts by the index of their item. An item that is missing was not attempted, and stays due. */
export type Made = readonly (readonly [index: number, attempt: Attempt])[];

/** Codes of failures that the engine itself causes; each kind of job adds its own. */
export const JOB_ERROR_CODES = [
  "crashed",
  "interrupted",
  "result-too-large",
  "unknown-operation",
  "unserializable",
] as const;
/** One of JOB_ERROR_CODES. */
export type JobErrorCode = (typeof JOB_ERROR_CODES)[number];

/** Error of a failed item. Kinds of jobs add fields of their own. */
export interface ItemError {
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** State of an item that has not ended. Times are milliseconds since 1970 UTC. */
export interface PendingState {
  readonly status: "pending";
  readonly attempts: number;
  /** Attempts that do not count: those that flow control refused, and those before a retry; absent for none. */
  readonly refusals?: number;
  readonly dueAt: number;
  readonly error?: ItemError;
  /** The retry that it was chosen for; absent if it was for none. */
  readonly run?: number;
}

/** State of an item that has ended. `attempts`: requests sent. */
export type EndedState =
  | { readonly status: "succeeded"; readonly attempts: number; readonly output: unknown }
  | { readonly status: "failed"; readonly attempts: number; readonly error: ItemError };

/** State of an item. */
export type ItemState =
  | PendingState
  | EndedState
  /** It is pending, and none of those that this run was asked for; in memory alone. */
  | { readonly status: "held"; readonly attempts: number; readonly was: ItemState }
  /** It has ended, and its large result is in the store alone. */
  | {
      readonly status: "kept";
      readonly attempts: number;
      /** The code of its error; null if it succeeded. */
      readonly code: string | null;
    };

/** A group of items that are stored in one row, so that rows are few. */
export interface Chunk {
  /** Index of its first item in the whole job, which also identifies the chunk. */
  readonly first: number;
  readonly items: readonly unknown[];
  /** States of the items, in order; null before the first save. */
  readonly states: readonly ItemState[] | null;
}

/** An item to be attempted now. */
export interface DueItem {
  readonly index: number;
  readonly item: unknown;
  /** Attempts made so far. */
  readonly attempts: number;
}

/** Counts of a job's finished items, and the instant when the last one finished. */
export interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly failedByCode: Readonly<Record<string, number>>;
  readonly lastResultAt: number | null;
}

/** Attempts that must not be repeated unknowingly, as kept while they are in flight. */
export interface Flight {
  /** Attempts that were started: the index of the item, and its attempts including this one. */
  readonly started: readonly (readonly [index: number, attempts: number])[];
  /** States of items that are not saved in their chunk yet. */
  readonly ended: readonly (readonly [index: number, state: ItemState])[];
}

/** Store of a job's chunks. Each method is atomic. */
export interface ChunkStore {
  /** The first indexes of chunks with pending items, ascending. */
  unfinished(): number[];
  load(first: number): Chunk;
  /** Saves the states of a chunk's items. @returns them, without the results that need not be in memory any more */
  save(chunk: Omit<Chunk, "states">, states: readonly ItemState[], now: number): ItemState[];
  /**
   * Stores a large result ahead of its chunk.
   *
   * @returns its state without it, which is to be saved with the chunk; null if it is too large
   */
  keep(index: number, state: EndedState): ItemState | null;
  counts(): Counts;
  /** Attempts in flight when it was last written; null for none. */
  flight: Flight | null;
  /** Gates of hosts that have refused calls, by host. */
  gates: Readonly<Record<string, Gate>>;
}

/** State of an item before its first attempt: due at once. */
export const NEVER_RUN: ItemState = { status: "pending", attempts: 0, dueAt: 0 };

/** State of a failed item that is to be run again: what was sent before stays told, and uses up no attempt. */
export function givenBack(attempts: number): PendingState {
  return { status: "pending", attempts, refusals: attempts, dueAt: 0 };
}

/** Rules of further attempts. */
export interface RetryRules {
  /** Attempts at this item, flow control aside. */
  readonly maxAttempts: number;
  /** Milliseconds to wait after so many attempts. */
  readonly delay: (attempts: number) => number;
}

/** True for an attempt that sent nothing. */
export function isUnsent(attempt: Attempt): boolean {
  return attempt.status === "refused" && attempt.isUnsent === true;
}

/** The state of an item after an attempt. */
export function advance(
  state: PendingState,
  attempt: Attempt,
  { maxAttempts, delay }: RetryRules,
  now: number,
): ItemState {
  const attempts = state.attempts + (isUnsent(attempt) ? 0 : 1);
  if (attempt.status === "succeeded")
    return { status: "succeeded", attempts, output: attempt.output };
  const { error } = attempt;
  const refused = attempt.status === "refused" ? attempts - state.attempts : 0;
  const refusals = (state.refusals ?? 0) + refused;
  const { run } = state;
  const kept = { ...(refusals > 0 && { refusals }), ...(run !== undefined && { run }), error };
  if (attempt.status === "refused")
    return { status: "pending", attempts, dueAt: now + (attempt.waitMs ?? 0), ...kept };
  const used = attempts - refusals;
  if (attempt.isFinal === true || used >= maxAttempts) return { status: "failed", attempts, error };
  const waitMs = Math.ceil(Math.max(delay(used), attempt.retryAfterMs ?? 0));
  return { status: "pending", attempts, dueAt: now + waitMs, ...kept };
}

/** Bytes of one item's result as JSON, so that it fits into a row. */
export const MAX_RESULT_BYTES = ROW_BYTES - 200_000;

/**
 * The attempt if its result can be stored. A result that is too large, or that is no JSON (a cycle, a BigInt,
 * a function), becomes a failure of that item.
 */
export function storable(attempt: Attempt): Attempt {
  try {
    return isStorable(attempt.status === "succeeded" ? attempt.output : attempt.error)
      ? attempt
      : RESULT_TOO_LARGE;
  } catch {
    return failure("unserializable", "The result cannot be written as JSON.");
  }
}

/** Code units of a text that fits in any case: the longest escape has six bytes. */
const SHORT_UNITS = MAX_RESULT_BYTES / 6;

/** True if the JSON of a result can be stored. @throws TypeError for a value that is no JSON */
export function isStorable(result: unknown): boolean {
  if (typeof result === "string" && result.length < SHORT_UNITS) return true;
  // Measured piece by piece: a large result is never written as a whole.
  let bytes = 0;
  for (const piece of jsonPieces(result)) bytes += utf8Bytes(piece);
  return bytes <= MAX_RESULT_BYTES;
}

/** A failure that the engine causes. */
function failure(code: JobErrorCode, detail: string, isFinal = true): Attempt {
  return { status: "failed", error: { code, detail }, isFinal };
}

/** The attempt whose result is too large to be stored. */
export const RESULT_TOO_LARGE = failure(
  "result-too-large",
  `The result has more than ${MAX_RESULT_BYTES} bytes as JSON.`,
);

/** The attempt of an item whose start is known and whose end is not. */
export const INTERRUPTED = failure(
  "interrupted",
  "It was sent, and then its process ended before an answer came: it may have had its effect.",
  false,
);
