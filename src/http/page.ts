// Pagination of lists: `?limit=` and an opaque `?cursor=`, answered with `next_cursor` and a Link header (RFC
// 8288), see cursor.ts.
import * as v from "valibot";
import { maxCharacters } from "../lib/max-characters";

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = "50";
const MAX_CURSOR_CHARACTERS = 2000;

/** The schema of a whole number in a query string. */
function countParameter(max: number) {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, "not a whole number"),
    v.transform(Number),
    v.minValue(1, "less than 1"),
    v.maxValue(max, `more than ${max}`),
  );
}

/** The schema of the parameter `limit`. */
export function pageLimit(max: number) {
  return v.optional(countParameter(max), DEFAULT_LIMIT);
}

/** The schema of the parameter `cursor`. */
export const Cursor = v.optional(
  v.pipe(
    v.string(),
    maxCharacters(MAX_CURSOR_CHARACTERS, "too long"),
    v.regex(/^[\w-]+$/, "not a cursor"),
    v.description("`next_cursor` of the page before."),
  ),
);

/** The member of a page from which the next one follows. */
export const NextCursor = v.pipe(v.nullable(v.string()), v.description("null at the end."));

/** The query parameters of every list. */
export const PageQuery = v.object({
  limit: pageLimit(MAX_LIMIT),
  cursor: Cursor,
});
