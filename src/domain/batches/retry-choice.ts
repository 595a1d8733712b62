// Which items of a batch that is over are run again.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { strictObject } from "../../lib/strict-object";
import { ItemCode } from "./item-code";

const MAX_CODES = 100;
const MAX_IDS = 10_000;

/** The body of a retry. Without any of it, what failed and what was not run is run. */
export const RetryChoice = strictObject({
  only: v.exactOptional(
    v.pipe(
      v.picklist(["failed", "unfinished"]),
      v.description("`unfinished`: what a cancelled batch did not run, and nothing that failed."),
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
      v.description("Of failed items, those with one of these ids."),
    ),
  ),
});
export type RetryChoice = v.InferOutput<typeof RetryChoice>;

/** True for a failed item that is to be run again. @param wanted indexes of the chosen ids; null for all */
export function isChosen(
  { only, codes }: RetryChoice,
  wanted: ReadonlySet<number> | null,
  index: number,
  code: string,
): boolean {
  if (only === "unfinished" || wanted?.has(index) === false) return false;
  const names: readonly string[] | undefined = codes;
  return names === undefined ? code !== "interrupted" : names.includes(code);
}
