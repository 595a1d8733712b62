// Lists of records: `?limit=`, `?order=` and a cursor that is bound to the filters it came from; a page of
// them, or everything that the filters leave as a stream.
import * as v from "valibot";
import { maxCharacters } from "../lib/max-characters";
import { parseInstant } from "../lib/instant";
import { isLonger } from "../lib/is-longer";
import { sha256Hex } from "../lib/sha256";
import type { Call } from "./call";
import { PageQuery, nextPageLink } from "./page";
import { HttpError } from "./problem";

/** What every list of records can be asked for besides its filters. */
export const ListQuery = {
  ...PageQuery.entries,
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

/** Several of these values, parted by commas. */
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

/** These values, each once: a row that fits one of them twice would be listed twice. */
export function withoutRepeats<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

/** Words to look for, without case. */
export const SearchParameter = v.pipe(
  v.string(),
  v.check((text) => isLonger(text, 2), "fewer than 3 characters"),
  maxCharacters(200, "too long"),
  v.metadata({ alsoInSchema: { minLength: 3 } }),
);

/** A part of a list, as the table is asked for it. */
export interface PageRequest {
  readonly order: "asc" | "desc";
  readonly after: number | null;
  readonly limit: number;
}

/** Where a table's list goes on. */
interface RecordPage {
  readonly records: readonly string[];
  readonly next: number | null;
}

/** What is asked for, once its cursor is read. */
export interface ListRequest {
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly cursor?: string | undefined;
  /** As plain data: two lists with the same filters are one list. */
  readonly filters: object;
}

/**
 * One page: its records, the cursor of the next and the Link to it.
 *
 * @throws HttpError `malformed-request` for a cursor that is none of ours, or of another list
 */
export async function readPage(
  call: Call,
  { limit, order, cursor, filters }: ListRequest,
  read: (request: PageRequest) => Promise<RecordPage>,
) {
  const list = await digestOf(order, filters);
  const after = cursor === undefined ? null : decodeCursor(cursor, list);
  const { records, next } = await read({ limit, order, after });
  const next_cursor = next === null ? null : encodeCursor(next, list);
  return { records, next_cursor, headers: nextPageLink(call, next_cursor) };
}

/** Records that one read of an export asks for. */
const EXPORT_ROWS = 5000;

/** Everything, in reads of some thousand records. A read that fails breaks the stream off. */
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

/** Enough to tell one list from another. */
const DIGEST_CHARACTERS = 12;

async function digestOf(order: string, filters: object): Promise<string> {
  return (await sha256Hex(JSON.stringify([order, filters]))).slice(0, DIGEST_CHARACTERS);
}

function encodeCursor(place: number, list: string): string {
  return `${list}-${place.toString(36)}`;
}

function decodeCursor(cursor: string, list: string): number {
  const [, of, place = ""] = /^([0-9a-f]{12})-([0-9a-z]{1,11})$/.exec(cursor) ?? [];
  if (of === list) return Number.parseInt(place, 36);
  throw new HttpError(
    "malformed-request",
    of === undefined
      ? "cursor: not one of ours."
      : "cursor: it belongs to a list with other filters or another order. Begin without it.",
  );
}
