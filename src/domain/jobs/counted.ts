// Counts kept up to date item by item, since adding up a million states would take seconds.
import type { Counts, ItemState } from "./job";

/** The counts after an item has got this state. */
export function counted(counts: Counts, state: ItemState): Counts {
  if (state.status === "succeeded") return { ...counts, succeeded: counts.succeeded + 1 };
  if (state.status !== "failed") return counts;
  const { code } = state.error;
  const failedByCode = { ...counts.failedByCode, [code]: (counts.failedByCode[code] ?? 0) + 1 };
  return { ...counts, failed: counts.failed + 1, failedByCode };
}
