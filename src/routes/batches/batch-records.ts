// The records of an NDJSON or CSV body, one after another.
import { isEndpointOperation, type EndpointOperation } from "../../domain/batches/batch-operations";
import { invalidBody } from "../../domain/errors";
import { CsvError, readCsv, repeatedName } from "../../domain/operations";
import { decodeUtf8 } from "../../http/body";
import type { RawBody } from "../../http/raw-body";
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
  let columns: readonly string[] | undefined;
  try {
    for (const cells of readCsv(text)) {
      if (columns === undefined) columns = distinct(cells);
      else yield toRecord(columns, cells, operation);
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
  operation: unknown,
): BatchRecord {
  if (cells.length !== columns.length)
    return { unreadable: `${cells.length} cells, but ${columns.length} columns` };
  if (isEndpointOperation(operation))
    return { item: toObject(columns, cells, CONVERSIONS[operation]) };
  return { item: columns.length === 1 ? cells[0] : toObject(columns, cells, {}) };
}

type Conversion = (cell: string) => unknown;

/** Numbers and structures have no form of their own in CSV. What does not convert stays text, and is refused. */
const CONVERSIONS: Record<EndpointOperation, Readonly<Record<string, Conversion>>> = {
  users: { age: toNumber, metadata: toJson },
  tasks: { notify: toWords },
  "external-api": {
    timeout_ms: toNumber,
    retries: toNumber,
    headers: toJson,
    json: toJson,
    query: toJson,
  },
};

function toNumber(cell: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
}

function toWords(cell: string): unknown {
  return cell.split(/[\s,;]+/).filter((word) => word !== "");
}

function toJson(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

/** Empty cells are fields that are not there. */
function toObject(
  columns: readonly string[],
  cells: readonly string[],
  convert: Readonly<Record<string, Conversion>>,
): object {
  return Object.fromEntries(
    columns.flatMap((column, at) => {
      const cell = cells[at] ?? "";
      const conversion = Object.hasOwn(convert, column) ? convert[column] : undefined;
      return cell === "" ? [] : [[column, conversion?.(cell) ?? cell]];
    }),
  );
}
