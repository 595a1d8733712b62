// The choice of items that a retry of a batch runs again.
import type { JobRecord } from "../jobs/job-record";
import type { JobEvent } from "../jobs/lifecycle";
import type { JobAction } from "../jobs/transitions";
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { strictObject } from "../../lib/strict-object";
import type { Counts } from "../jobs/job";
import { ItemCode } from "./item-code";

const MAX_CODES = 100;
const MAX_IDS = 10_000;

/** The body of a retry. Without any of it, what failed and what was not run is run; each member narrows that. */
export const RetryChoice = strictObject({
  only: v.exactOptional(
    v.pipe(
      v.picklist(["failed", "unfinished"]),
      v.description("`failed`: nothing that was not run; `unfinished`: nothing that failed."),
    ),
  ),
  codes: v.exactOptional(
    v.pipe(
      v.array(ItemCode),
      v.minLength(1),
      v.maxLength(MAX_CODES),
      v.description(
        "Of failed items, those with one of these codes; `interrupted` ones are run again only if it is named here.",
      ),
    ),
  ),
  ids: v.exactOptional(
    v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1), maxCharacters(200))),
      v.minLength(1),
      v.maxLength(MAX_IDS),
      v.description("Those with one of these ids."),
    ),
  ),
});
export type RetryChoice = v.InferOutput<typeof RetryChoice>;

/**
 * True for an item that is to be run again.
 *
 * @param code of its error; null for one that has not ended
 */
function isChosen({ only, codes }: RetryChoice, code: string | null): boolean {
  if (code === null) return only !== "failed" && codes === undefined;
  if (only === "unfinished") return false;
  const names: readonly string[] | undefined = codes;
  return names === undefined ? code !== "interrupted" : names.includes(code);
}

/** True if items that have not ended may be left out. */
function isPartial({ only, codes, ids }: RetryChoice): boolean {
  return only === "failed" || codes !== undefined || ids !== undefined;
}

/** The event of an action. `failedBefore` is the number of items that have failed so far. */
export function steeringEvent(
  action: JobAction,
  choice: RetryChoice,
  failedBefore: number,
): Extract<JobEvent, { readonly type: JobAction }> {
  if (action !== "retry") return { type: action };
  return { type: action, isPartial: isPartial(choice), failedBefore };
}

/** The number of items that are to be run again; with ids, at most. */
export function countChosen(
  choice: RetryChoice,
  { failedByCode, pending }: Pick<Counts, "failedByCode"> & { readonly pending: number },
): number {
  let chosen = isChosen(choice, null) ? pending : 0;
  for (const [code, failed] of Object.entries(failedByCode))
    if (isChosen(choice, code)) chosen += failed;
  return Math.min(chosen, choice.ids?.length ?? Infinity);
}

/** Items to be run again. */
export interface ChosenItems {
  /** Returns true if an item is to be run again that failed with this code, or with null one that has not ended. */
  readonly isChosen: (code: string | null) => boolean;
  /** The indexes among which items are chosen; null for all. */
  readonly ids: ReadonlySet<number> | null;
  /** The number of the run. */
  readonly run: number;
}

/** True if so many items from this one on may hold chosen ones. */
export function mayConcern({ ids }: ChosenItems, first: number, size: number): boolean {
  if (ids === null) return true;
  for (let index = first; index < first + size; index += 1) if (ids.has(index)) return true;
  return false;
}

/** The rows of a job whose items can be given back to be run. */
interface RestartableRows {
  counts(): Counts;
  indexesOf(ids: readonly string[]): ReadonlySet<number>;
  /** Returns how many items were given back. */
  restart(chosen: ChosenItems, now: number): number;
}

/** Gives the chosen items back to be run. @returns false if there is nothing to run */
export function restartChosen(
  rows: RestartableRows,
  { total, run }: Pick<JobRecord, "total" | "run">,
  choice: RetryChoice,
  now: number,
): boolean {
  const { succeeded, failed, failedByCode } = rows.counts();
  if (countChosen(choice, { failedByCode, pending: total - succeeded - failed }) === 0)
    return false;
  const ids = choice.ids === undefined ? null : rows.indexesOf(choice.ids);
  const chosen = { isChosen: (code: string | null) => isChosen(choice, code), ids, run: run + 1 };
  return rows.restart(chosen, now) > 0 || !isPartial(choice);
}
