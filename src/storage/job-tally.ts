// Counts of a chunk's states, which are stored beside them.
import type { Counts, ItemState } from "../domain/jobs/job";

/** Counts of finished items. */
export type Tally = Pick<Counts, "succeeded" | "failed" | "failedByCode">;
type Codes = Counts["failedByCode"];

/** Counts states. */
export function tally(states: readonly ItemState[]): Tally {
  let [succeeded, failed] = [0, 0];
  const failedByCode: Record<string, number> = {};
  for (const state of states) {
    if (hasSucceeded(state)) succeeded += 1;
    const code = codeOf(state);
    if (code === null) continue;
    failed += 1;
    failedByCode[code] = (failedByCode[code] ?? 0) + 1;
  }
  return { succeeded, failed, failedByCode };
}

/** True for an item that has succeeded, wherever its output is stored. */
export function hasSucceeded(state: ItemState | undefined): boolean {
  return state?.status === "succeeded" || (state?.status === "kept" && state.code === null);
}

function codeOf(state: ItemState): string | null {
  if (state.status === "failed") return state.error.code;
  return state.status === "kept" ? state.code : null;
}

/** Parses counts by code. Not validated, since only the store writes them. */
export function readCodes(codes: string | null): Codes {
  return codes === null ? {} : (JSON.parse(codes) as Codes);
}

/** The sum of counts by code, each times its factor, without those that are 0. */
export function sumOf(all: readonly (readonly [codes: Codes, factor: 1 | -1])[]): Codes {
  const sum: Record<string, number> = {};
  for (const [codes, factor] of all)
    for (const [code, times] of Object.entries(codes))
      sum[code] = (sum[code] ?? 0) + factor * times;
  return Object.fromEntries(Object.entries(sum).filter(([, times]) => times > 0));
}
