// Items of a chunk, and attempts at them in short.
import type { Attempt, DueItem } from "../../src/domain/jobs/job";

/** Items that were never attempted. */
export const dueOf = (items: readonly unknown[]): DueItem[] =>
  items.map((item, index) => ({ index, item, attempts: 0 }));

/** An attempt in short: its output, or the code of its error. */
export const inShort = (attempt: Attempt | null | undefined) =>
  attempt?.status === "succeeded" ? attempt.output : attempt?.error.code;
