// The result of an item, as callers see it.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import type { ItemState } from "../jobs/job";
import { ItemCode } from "./item-code";

/**
 * Error of a failed item: a code for programs, a sentence for people, and fields that depend on the
 * operation.
 */
export const ItemFailure = v.looseObject({ code: ItemCode, detail: v.string() });
export type ItemFailure = v.InferOutput<typeof ItemFailure>;

const ResultBase = {
  index: v.number(),
  id: v.exactOptional(v.pipe(v.string(), v.description("If it came with one."))),
  attempts: v.pipe(v.number(), v.description("Of all runs of the batch.")),
  input: v.exactOptional(
    v.pipe(
      v.unknown(),
      v.description("With `input=true`: the item; not one that has made a user or a task."),
    ),
  ),
};

/** Result of an item. */
export const ItemResult = v.variant("status", [
  v.strictObject({ ...ResultBase, status: v.literal("succeeded"), output: v.unknown() }),
  v.strictObject({ ...ResultBase, status: v.literal("failed"), error: ItemFailure }),
  v.strictObject({
    ...ResultBase,
    status: v.literal("pending"),
    error: v.exactOptional(v.pipe(ItemFailure, v.description("Of its last attempt."))),
    next_attempt_at: v.exactOptional(
      v.pipe(v.string(), v.isoTimestamp(), v.description("Where it waits for its next attempt.")),
    ),
  }),
]);
export type ItemResult = v.InferOutput<typeof ItemResult>;

/** The result of an item. */
export function toResult(index: number, state: ItemState): ItemResult {
  const { status, attempts } = state;
  if (status === "succeeded") return { index, status, output: state.output, attempts };
  // Stored errors were made by `run-items` and the engine, which know no other codes.
  if (status === "failed") return { index, status, error: state.error as ItemFailure, attempts };
  if (status !== "pending") throw new TypeError("Its result is stored elsewhere");
  const { error, dueAt } = state;
  return {
    index,
    status,
    ...(error && { error: error as ItemFailure }),
    attempts,
    ...(dueAt > 0 && { next_attempt_at: toIsoTime(dueAt) }),
  };
}
