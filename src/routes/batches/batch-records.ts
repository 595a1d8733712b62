// Reads the records of an NDJSON or CSV body, one after another.
import type * as v from "valibot";
import {
  isEndpointOperation,
  ITEM_FIELDS,
  type EndpointOperation,
} from "../../domain/batches/batch-operations";
import { invalidBody, type Fault } from "../../domain/errors";
import { CsvError, readCsv, repeatedName } from "../../domain/operations";
import { decodeUtf8 } from "../../http/body";
import { inspectJson } from "../../http/json";
import type { RawBody } from "../../http/raw-body";
import { textReader, type TextReader } from "../../lib/text-reader";
import { jsonPointer } from "../../lib/json-pointer";

/** An item with its JSON, or the reason why it cannot be read. */
export type BatchRecord = { readonly line: number } & (
  | {
      readonly item: unknown;
      readonly json?: string;
      /** Faults of the item, with pointers relative to it. */
      readonly faults?: readonly Fault[];
    }
  | { readonly unreadable: string }
);

/** Media type of one JSON value a line. */
export const NDJSON = "application/x-ndjson";
/** Media type of comma-separated values. */
export const CSV = "text/csv";

const encoder = new TextEncoder();
const NEWLINE = 0x0a;

/**
 * The records of a body. In NDJSON each line that is not blank is an item. In CSV the first line names
 * the fields; for an operation on single values and a file of one column, an item is the cell itself.
 */
export function* readRecords(
  { mediaType, bytes }: RawBody,
  operation: unknown,
): Generator<BatchRecord> {
  yield* mediaType === CSV ? readRows(decodeUtf8(bytes), operation) : readLines(bytes);
}

function* readLines(bytes: Uint8Array): Generator<BatchRecord> {
  let line = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    line += 1;
    const part = bytes.subarray(start, end);
    const json = decodeUtf8(part).trim();
    if (json !== "") yield { line, ...readLine(part, json) };
    start = end + 1;
  }
}

function readLine(bytes: Uint8Array, json: string) {
  const { excess, faults } = inspectJson(bytes);
  if (excess !== null) return { unreadable: `The line is ${excess}` };
  try {
    const item: unknown = JSON.parse(json);
    return { item, json, faults };
  } catch {
    return { unreadable: "The line is not JSON" };
  }
}

function* readRows(text: string, operation: unknown): Generator<BatchRecord> {
  const readers = isEndpointOperation(operation) ? fieldReaders(operation) : null;
  let columns: readonly string[] | undefined;
  let lastLine = 1;
  try {
    for (const { fields: cells, line } of readCsv(text)) {
      lastLine = line;
      if (columns === undefined) columns = distinct(cells);
      else yield { line, ...toRecord(columns, cells, readers) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { line: lastLine, unreadable: `The CSV ends here: ${error.message}` };
  }
}

/** Refuses columns of the same name, of which one would be lost. */
function distinct(columns: readonly string[]): readonly string[] {
  const twice = repeatedName(columns);
  if (twice === undefined) return columns;
  throw invalidBody([{ pointer: "#/items", detail: `The column "${twice}" stands twice` }]);
}

function toRecord(
  columns: readonly string[],
  cells: readonly string[],
  readers: Readonly<Record<string, TextReader>> | null,
) {
  if (cells.length !== columns.length)
    return { unreadable: `${cells.length} cells, but ${columns.length} columns` };
  if (readers !== null) return toObject(columns, cells, readers);
  return columns.length === 1 ? { item: cells[0] } : toObject(columns, cells, {});
}

/** Readers for the cells of each field of an item. */
function fieldReaders(operation: EndpointOperation): Readonly<Record<string, TextReader>> {
  const fields: v.ObjectEntries = ITEM_FIELDS[operation];
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, textReader(schema)]),
  );
}

/** Makes an object from the cells of a line. Empty cells become missing fields. */
function toObject(
  columns: readonly string[],
  cells: readonly string[],
  readers: Readonly<Record<string, TextReader>>,
) {
  const faults: Fault[] = [];
  const item = Object.fromEntries(
    columns.flatMap((column, at) => {
      const cell = cells[at] ?? "";
      if (cell === "") return [];
      const reader = Object.hasOwn(readers, column) ? readers[column] : undefined;
      if (reader === undefined || !reader.isJson) return [[column, reader?.read(cell) ?? cell]];
      const found = inspectCell(column, cell);
      faults.push(...found);
      // A faulty cell is not parsed, since it could be too deep; the item is refused anyway.
      return [[column, found.length > 0 ? cell : reader.read(cell)]];
    }),
  );
  return { item, faults };
}

/** Faults of the JSON in a cell. */
function inspectCell(column: string, cell: string): Fault[] {
  const { excess, faults } = inspectJson(encoder.encode(cell));
  const field = jsonPointer([column]);
  if (excess !== null) return [{ pointer: field, detail: `The cell is ${excess}` }];
  return faults.map(({ pointer, detail }) => ({ pointer: `${field}${pointer.slice(1)}`, detail }));
}
