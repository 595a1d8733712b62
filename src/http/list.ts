// Lists of records: `?limit=`, `?order=` and a cursor that is bound to its filters; as one page, or as a
// stream of all records that match.
import * as v from "valibot";
import { maxCharacters } from "../lib/max-characters";
import { parseInstant } from "../lib/instant";
import { isLonger } from "../lib/is-longer";
import { listDigest, openPage } from "./cursor";
import type { RequestContext } from "./request-context";
import { PageQuery } from "./page";

/** Query parameters of every list of records, besides its filters. An export has all that these leave. */
export const ListQuery = {
  limit: v.pipe(PageQuery.entries.limit, v.description("Of one page: an export has everything.")),
  cursor: v.pipe(
    PageQuery.entries.cursor,
    v.description("`next_cursor` of the page before; an export has everything."),
  ),
  order: v.optional(v.picklist(["desc", "asc"], "desc or asc"), "desc"),
};

/** An RFC 3339 instant in a query string, in milliseconds since 1970 UTC. */
export const InstantParameter = v.pipe(
  v.string(),
  maxCharacters(40, "too long"),
  v.check((text) => parseInstant(text) !== null, "not an RFC 3339 instant"),
  v.transform((text) => parseInstant(text) ?? Number.NaN),
  v.metadata({ jsonSchema: { type: "string", format: "date-time", maxLength: 40 } }),
);

/** The schema of a parameter with several of these values, separated by commas. */
export function anyOfParameter<const Options extends readonly string[]>(options: Options) {
  return v.pipe(
    v.string(),
    maxCharacters(1000, "too long"),
    v.transform((text) => text.split(",")),
    v.array(v.picklist(options, `one of ${options.join(", ")}, or several by comma`)),
    v.transform(withoutRepeats),
    v.metadata({ jsonSchema: { type: "array", items: { enum: options }, maxItems: 100 } }),
    v.description("Several by comma."),
  );
}

/**
 * The values sorted and without repeats: a row must not be listed twice for matching a value given twice, and a
 * cursor is valid whatever the order in which a filter's values stand.
 */
export function withoutRepeats<Value extends string>(values: readonly Value[]): Value[] {
  return [...new Set(values)].toSorted();
}

/** The schema of a text to search for, ignoring case. */
export const SearchParameter = v.pipe(
  v.string(),
  v.check((text) => isLonger(text, 2), "fewer than 3 characters"),
  maxCharacters(200, "too long"),
  v.metadata({ alsoInSchema: { minLength: 3 } }),
);

/** A query of one page, as a table takes it. */
export interface PageRequest {
  readonly order: "asc" | "desc";
  readonly after: number | null;
  readonly limit: number;
}

/** One page of a table's list, and the position of the next. */
interface RecordPage {
  readonly records: readonly string[];
  readonly next: number | null;
}

/** A request for a page, after its cursor was decoded. */
export interface ListRequest {
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly cursor?: string | undefined;
  /** Filters as plain data; a cursor is valid only with the filters that it came from. */
  readonly filters: object;
}

/** A place in a list as cursors have it: a row's number to the base of 36. */
const PLACE = /^([0-9a-z]{1,11})$/;

/**
 * Reads one page: its records, and the function that replies with what is made of them.
 *
 * @throws HttpError `malformed-request` for a cursor that is malformed or belongs to another list
 */
export async function readPage(
  context: RequestContext,
  { limit, order, cursor, filters }: ListRequest,
  read: (request: PageRequest) => Promise<RecordPage>,
) {
  const list = await listDigest(context.route, order, filters);
  const page = openPage(context, list, cursor, PLACE);
  const [place] = page.place;
  const after = place === undefined ? null : Number.parseInt(place, 36);
  const { records, next } = await read({ limit, order, after });
  const reply = <Members extends object>(members: Members) =>
    page.reply(members, next === null ? null : next.toString(36));
  return { records, reply };
}

/** Records that each read of an export requests. */
const EXPORT_ROWS = 5000;

/** Yields all records that match, some thousands at a time. A read that fails breaks the stream. */
export async function* readAll(
  order: "asc" | "desc",
  read: (request: PageRequest) => Promise<RecordPage>,
): AsyncGenerator<readonly string[]> {
  let after: number | null = null;
  do {
    const page: RecordPage = await read({ limit: EXPORT_ROWS, order, after });
    yield page.records;
    after = page.next;
  } while (after !== null);
}
