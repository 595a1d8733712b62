// Reads the results of a job, page by page.
import { toResult, type ItemResult } from "../domain/batches/batch";
import type { ItemState } from "../domain/jobs/job";
import { OBJECT_CALL_BYTES } from "../domain/platform";
import { parseStates } from "./job-states";
import { hasSucceeded } from "./job-tally";

/** Characters of results in one page: as JSON in UTF-8 they can grow on their way to the caller. */
const MAX_PAGE_CHARACTERS = OBJECT_CALL_BYTES / 4;

/** Results, and the index of the next page; null at the end of the job. */
export interface ResultRows {
  readonly results: readonly ItemResult[];
  readonly next: number | null;
}

/** The first index, the most results, and which of them; null for all. */
export type PageParameters = [from: number, limit: number, only: ItemResult["status"] | null];

/** A state with its result, wherever that is stored. */
export function wholeState(sql: SqlStorage, index: number, state: ItemState): ItemState {
  if (state.status !== "kept") return state;
  const { text } = sql
    .exec<{ text: string }>("SELECT state AS text FROM outputs WHERE item = ?", index)
    .one();
  // Not validated, since only the store writes it.
  return JSON.parse(text) as ItemState;
}

/** Results of finished items from an index on, in input order: at most `limit`, fewer if they are large. */
export function readResults(sql: SqlStorage, ...[from, limit, only]: PageParameters): ResultRows {
  const results: ItemResult[] = [];
  let characters = 0;
  const rows = sql.exec<{ first: number; states: string }>(
    `SELECT first, states FROM progress
     WHERE first >= (SELECT COALESCE(MAX(first), 0) FROM progress WHERE first <= ?)
     AND succeeded * ? + failed * ? > 0 ORDER BY first`,
    from,
    only === "failed" ? 0 : 1,
    only === "succeeded" ? 0 : 1,
  );
  for (const { first, states } of rows) {
    characters += states.length;
    for (const [offset, state] of parseStates(states).entries()) {
      const index = first + offset;
      if (index < from || !isWanted(state, only)) continue;
      const isFull = results.length === limit || characters > MAX_PAGE_CHARACTERS;
      if (isFull && results.length > 0) return { results, next: index };
      const result = toResult(index, wholeState(sql, index, state));
      if (result === null) continue;
      if (state.status === "kept") characters += JSON.stringify(result).length;
      results.push(result);
    }
  }
  return { results, next: null };
}

function isWanted(state: ItemState, only: ItemResult["status"] | null): boolean {
  if (state.status === "pending") return false;
  return only === null || hasSucceeded(state) === (only === "succeeded");
}
