// Reads the records of an NDJSON or CSV body that comes in pieces, one after another.
import { findCsvDialect } from "../../lib/csv-dialect";
import { CsvReader, type CsvDelimiter, type CsvRow } from "../../lib/csv-reader";
import { LineSplitter, type ByteLine } from "../../lib/line-splitter";
import type { Fault } from "../errors";
import { inspectJson } from "../inspect-json";
import { MAX_ITEM_CHARACTERS } from "../platform";
import { CsvRows, type RowRules } from "./csv-rows";

/** Media type of comma-separated values. */
export const CSV = "text/csv";
/** Media types of one JSON value a line. */
export const NDJSON_TYPES = [
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
] as const;

/** A record with the line where it begins, from 1. */
export type UploadRecord = { readonly line: number } & (
  | {
      readonly item: unknown;
      readonly id?: string;
      readonly isRow?: true;
      readonly json?: string;
      /** Faults of the item, with pointers relative to it. */
      readonly faults?: readonly Fault[];
    }
  /** The reason why the item cannot be read. */
  | { readonly unreadable: string }
  /** A fault of the whole body. */
  | { readonly refused: string }
);

/** Dialect of a CSV body. */
export interface Dialect extends RowRules {
  /** Null to detect it. */
  readonly delimiter: CsvDelimiter | null;
}

/** Thrown where a body is not UTF-8. */
export class NotUtf8Error extends Error {
  override readonly name = "NotUtf8Error";
}

/** Reads records from pieces of a body. Throws a NotUtf8Error where they are not UTF-8. */
export interface UploadReader {
  push(piece: Uint8Array): Iterable<UploadRecord>;
  end(): Iterable<UploadRecord>;
  /** Names of the columns of CSV; null for lines. */
  readonly columns: readonly string[] | null;
}

/** Bytes of a line. A character takes at most three. */
const MAX_LINE_BYTES = MAX_ITEM_CHARACTERS * 3;
/** Characters of CSV by which its delimiter is detected. */
const SAMPLE_CHARACTERS = 64 * 1024;

/** Opens a reader for a body of this media type. */
export function openUpload(mediaType: string, dialect: Dialect): UploadReader {
  return mediaType === CSV ? new CsvUpload(dialect) : new LinesUpload();
}

/** A decoder that drops a byte order mark, and refuses anything but UTF-8. */
class Utf8 {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

  /** Decodes bytes; with `stream`, a character may end in those of the next call. */
  decode(bytes: Uint8Array, stream = false): string {
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch (error) {
      throw new NotUtf8Error("The body is not UTF-8", { cause: error });
    }
  }
}

/** One JSON value on each line that is not blank. */
class LinesUpload implements UploadReader {
  readonly columns = null;
  readonly #lines = new LineSplitter(MAX_LINE_BYTES);
  readonly #utf8 = new Utf8();

  *push(piece: Uint8Array): Generator<UploadRecord> {
    yield* this.#records(this.#lines.push(piece));
  }

  *end(): Generator<UploadRecord> {
    yield* this.#records(this.#lines.end());
  }

  *#records(lines: Iterable<ByteLine>): Generator<UploadRecord> {
    for (const { line, bytes } of lines) {
      const record = bytes === null ? { unreadable: TOO_LONG } : this.#read(bytes);
      if (record !== null) yield { line, ...record };
    }
  }

  #read(bytes: Uint8Array) {
    const json = this.#utf8.decode(bytes).trim();
    if (json === "") return null;
    const { excess, faults } = inspectJson(bytes);
    if (excess !== null) return { unreadable: `The line is ${excess}` };
    try {
      const item: unknown = JSON.parse(json);
      return { item, json, faults };
    } catch {
      return { unreadable: "The line is not JSON" };
    }
  }
}

const TOO_LONG = `The line has more than ${MAX_ITEM_CHARACTERS} characters`;

/** One item for each row of a CSV file. */
class CsvUpload implements UploadReader {
  readonly #dialect: Dialect;
  readonly #rows: CsvRows;
  readonly #utf8 = new Utf8();
  /** The beginning of the body, until its delimiter is known. */
  #sample = "";
  #reader: CsvReader | null = null;
  #isOpen = false;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#rows = new CsvRows(dialect);
  }

  get columns(): readonly string[] {
    return this.#rows.names;
  }

  *push(piece: Uint8Array): Generator<UploadRecord> {
    const text = this.#utf8.decode(piece, true);
    if (this.#reader !== null) {
      yield* this.#records(this.#reader.push(text));
      return;
    }
    this.#sample += text;
    if (this.#sample.length >= SAMPLE_CHARACTERS) yield* this.#begin(false);
  }

  *end(): Generator<UploadRecord> {
    // Throws for a character that is cut off.
    this.#utf8.decode(new Uint8Array());
    if (this.#reader === null) yield* this.#begin(true);
    if (this.#reader !== null) yield* this.#records(this.#reader.end());
  }

  *#begin(isWhole: boolean): Generator<UploadRecord> {
    const sample = this.#sample;
    const { delimiter, start, line } = findCsvDialect(sample, isWhole, this.#dialect.delimiter);
    this.#sample = "";
    this.#reader = new CsvReader(delimiter, MAX_ITEM_CHARACTERS, line);
    yield* this.#records(this.#reader.push(sample.slice(start)));
  }

  *#records(rows: Iterable<CsvRow>): Generator<UploadRecord> {
    for (const row of rows) {
      const { line } = row;
      if ("fault" in row) {
        yield { line, unreadable: row.fault };
        continue;
      }
      if (!this.#isOpen) {
        this.#isOpen = true;
        for (const refused of this.#rows.open(row.cells)) yield { line, refused };
        if (this.#dialect.hasHeader) continue;
      }
      const item = this.#rows.toItem(row.cells);
      if (item !== null) yield { line, ...item };
    }
  }
}
