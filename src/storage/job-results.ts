// Reads the results of a job's items page by page.
import { toResult, type ItemResult } from "../domain/batches/batch";
import { OBJECT_CALL_BYTES } from "../domain/platform";
import { parseStates } from "./job-states";

/** Characters of results in one page: as JSON in UTF-8 they can grow on their way to the caller. */
const MAX_PAGE_CHARACTERS = OBJECT_CALL_BYTES / 4;

/**
 * Results of finished items from an index on, in input order: at most `limit`, fewer if they are large.
 *
 * @returns the results, and the index of the next page, or null at the end of the job
 */
export function readResults(
  sql: SqlStorage,
  from: number,
  limit: number,
  only: ItemResult["status"] | null,
): { results: ItemResult[]; next: number | null } {
  const results: ItemResult[] = [];
  let characters = 0;
  const rows = sql.exec<{ first: number; states: string }>(
    `SELECT first, states FROM chunks
     WHERE first >= (SELECT COALESCE(MAX(first), 0) FROM chunks WHERE first <= ?)
     AND succeeded * ? + failed * ? > 0 ORDER BY first`,
    from,
    only === "failed" ? 0 : 1,
    only === "succeeded" ? 0 : 1,
  );
  for (const { first, states } of rows) {
    if (characters > MAX_PAGE_CHARACTERS) return { results, next: first };
    characters += states.length;
    for (const [offset, state] of parseStates(states).entries()) {
      const result = first + offset < from ? null : toResult(first + offset, state);
      if (result === null || (only !== null && result.status !== only)) continue;
      if (results.length === limit) return { results, next: result.index };
      results.push(result);
    }
  }
  return { results, next: null };
}
