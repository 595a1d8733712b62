// Counts kept up to date item by item, since adding up a million states would take seconds.
import type { Counts, ItemState } from "./job";

/** The counts after an item has got this state. */
export function counted(counts: Counts, state: ItemState): Counts {
  if (hasSucceeded(state)) return { ...counts, succeeded: counts.succeeded + 1 };
  const code = codeOf(state);
  if (code === null) return counts;
  const failedByCode = { ...counts.failedByCode, [code]: (counts.failedByCode[code] ?? 0) + 1 };
  return { ...counts, failed: counts.failed + 1, failedByCode };
}

/** True for an item that has succeeded, wherever its output is stored. */
export function hasSucceeded(state: ItemState | undefined): boolean {
  return state?.status === "succeeded" || (state?.status === "kept" && state.code === null);
}

/** The code of the error of a failed item, wherever that is stored; null for any other. */
export function codeOf(state: ItemState): string | null {
  if (state.status === "failed") return state.error.code;
  return state.status === "kept" ? state.code : null;
}
