// The records of an NDJSON or CSV body, one after another.
import type * as v from "valibot";
import {
  isEndpointOperation,
  ITEM_FIELDS,
  type EndpointOperation,
} from "../../domain/batches/batch-operations";
import { invalidBody } from "../../domain/errors";
import { CsvError, readCsv, repeatedName } from "../../domain/operations";
import { decodeUtf8 } from "../../http/body";
import type { RawBody } from "../../http/raw-body";
import { textReader, type TextReader } from "../../lib/text-reader";
import { isDeeperThan } from "../../lib/json-depth";
import { MAX_JSON_DEPTH } from "../../domain/platform";

/** An item with its JSON, or what keeps it from being read. */
export type BatchRecord =
  | { readonly item: unknown; readonly json?: string }
  | { readonly unreadable: string };

export const NDJSON = "application/x-ndjson";
export const CSV = "text/csv";

/**
 * The records of a body. In NDJSON each line that is not blank is an item. In CSV the first line names
 * the fields; for an operation on single values and a file of one column, an item is the cell itself.
 */
export function* readRecords(
  { mediaType, bytes }: RawBody,
  operation: unknown,
): Generator<BatchRecord> {
  const text = decodeUtf8(bytes);
  yield* mediaType === CSV ? readRows(text, operation) : readLines(text);
}

function* readLines(text: string): Generator<BatchRecord> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    if (line !== "") yield readLine(line);
    start = end + 1;
  }
}

function readLine(json: string): BatchRecord {
  try {
    const item: unknown = JSON.parse(json);
    // Each level takes two characters, so a short line cannot be deep.
    const isDeep = json.length > 2 * MAX_JSON_DEPTH && isDeeperThan(item, MAX_JSON_DEPTH);
    return isDeep ? { unreadable: `Nested deeper than ${MAX_JSON_DEPTH} levels` } : { item, json };
  } catch {
    return { unreadable: "The line is not JSON" };
  }
}

function* readRows(text: string, operation: unknown): Generator<BatchRecord> {
  const readers = isEndpointOperation(operation) ? fieldReaders(operation) : null;
  let columns: readonly string[] | undefined;
  try {
    for (const cells of readCsv(text)) {
      if (columns === undefined) columns = distinct(cells);
      else yield toRecord(columns, cells, readers);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { unreadable: `The CSV ends here: ${error.message}` };
  }
}

/** Of two columns with one name the first would be lost. */
function distinct(columns: readonly string[]): readonly string[] {
  const twice = repeatedName(columns);
  if (twice === undefined) return columns;
  throw invalidBody([{ pointer: "#/items", detail: `The column "${twice}" stands twice` }]);
}

function toRecord(
  columns: readonly string[],
  cells: readonly string[],
  readers: Readonly<Record<string, TextReader>> | null,
): BatchRecord {
  if (cells.length !== columns.length)
    return { unreadable: `${cells.length} cells, but ${columns.length} columns` };
  if (readers !== null) return { item: toObject(columns, cells, readers) };
  return { item: columns.length === 1 ? cells[0] : toObject(columns, cells, {}) };
}

/** How each field of an item is read from its cell. */
function fieldReaders(operation: EndpointOperation): Readonly<Record<string, TextReader>> {
  const fields: v.ObjectEntries = ITEM_FIELDS[operation];
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, textReader(schema)]),
  );
}

/** Empty cells are fields that are not there. */
function toObject(
  columns: readonly string[],
  cells: readonly string[],
  readers: Readonly<Record<string, TextReader>>,
): object {
  return Object.fromEntries(
    columns.flatMap((column, at) => {
      const cell = cells[at] ?? "";
      const read = Object.hasOwn(readers, column) ? readers[column] : undefined;
      return cell === "" ? [] : [[column, read === undefined ? cell : read(cell)]];
    }),
  );
}
