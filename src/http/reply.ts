// Values that a handler may return instead of plain data, to set a status or headers, or to stream.
import { csvLine } from "../lib/csv-line";
import { jsonPieces } from "../lib/json-pieces";
import { weightsIn } from "./weights";

/** A reply with a status, headers or body other than the route's usual one. */
export class Reply<Body> {
  readonly body: Body;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    body: Body,
    { status, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> },
  ) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }
}

/** Text that is generated while it is sent. If the caller disconnects, the generator is ended. */
export class TextStream {
  readonly mediaType: string;
  readonly chunks: AsyncGenerator<string>;
  /** Aborts whatever the generator is waiting for, since a generator cannot be ended while it waits. */
  readonly onCancel: (() => void) | undefined;

  constructor(mediaType: string, chunks: AsyncGenerator<string>, onCancel?: () => void) {
    this.mediaType = mediaType;
    this.chunks = chunks;
    this.onCancel = onCancel;
  }
}

/** JSON that is written in pieces. What of it is held as bytes is free once it is written. */
export function jsonStream(value: unknown): TextStream {
  return new TextStream("application/json", jsonChunks(value));
}

/** Characters of a chunk, about: each that is sent is a turn of the event loop. */
const CHUNK_CHARACTERS = 12 * 1024;

/** The JSON of a value in chunks, and what follows it. Its memory is free then where it was held as bytes. */
export async function* jsonChunks(value: unknown, end = ""): AsyncGenerator<string> {
  let chunk = "";
  for (const piece of jsonPieces(value, true)) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk + end;
}

/** A stream of JSON values, one a line (application/x-ndjson). Each group is sent as soon as it is there. */
export function ndjson(
  groups: AsyncGenerator<readonly unknown[]>,
  onCancel?: () => void,
): TextStream {
  return new TextStream("application/x-ndjson", toLines(groups), onCancel);
}

/** The same stream for values that are JSON texts already. */
export function ndjsonOf(groups: AsyncGenerator<readonly string[]>): TextStream {
  return new TextStream("application/x-ndjson", joinLines(groups));
}

async function* joinLines(groups: AsyncGenerator<readonly string[]>): AsyncGenerator<string> {
  for await (const group of groups) if (group.length > 0) yield `${group.join("\n")}\n`;
}

async function* toLines(groups: AsyncGenerator<readonly unknown[]>): AsyncGenerator<string> {
  for await (const group of groups) {
    if (group.length > 0) yield group.map((value) => `${JSON.stringify(value)}\n`).join("");
  }
}

/** The columns of a CSV file in order: members of a row, or names with a function that returns a row's cell. */
export type Columns<Row> = readonly (
  | (keyof Row & string)
  | readonly [name: string, cell: (row: Row) => unknown]
)[];

/** The usual reply of a list: a page by its schema, or all of it as a file for programs or for spreadsheets. */
export function listReply<Page>(schema: Page) {
  return {
    status: 200,
    schema,
    mediaTypes: ["application/x-ndjson", "text/csv"],
    headers: ["Link", "Content-Disposition"],
  } as const;
}

/** All of a list as the file that the caller accepts; null for callers who want a page. */
export function listFile<Row>(
  { headers }: Request,
  name: string,
  columns: Columns<Row>,
  all: () => AsyncGenerator<readonly Row[]>,
): Reply<TextStream> | null {
  if (accepts(headers, "application/x-ndjson")) return new Reply(ndjson(all()), {});
  return accepts(headers, "text/csv") ? csvFile(name, columns, all()) : null;
}

/**
 * A CSV file (RFC 4180) with a header line. What a spreadsheet would run as a formula is quoted off.
 *
 * @param name the file's, without its ending
 */
export function csvFile<Row>(
  name: string,
  columns: Columns<Row>,
  groups: AsyncGenerator<readonly Row[]>,
): Reply<TextStream> {
  const headers = { "Content-Disposition": `attachment; filename="${name}.csv"` };
  return new Reply(new TextStream("text/csv; charset=utf-8", toCsv(columns, groups)), { headers });
}

/** Without it Excel takes UTF-8 for the code page of the machine. */
const BYTE_ORDER_MARK = "\ufeff";

async function* toCsv<Row>(
  columns: Columns<Row>,
  groups: AsyncGenerator<readonly Row[]>,
): AsyncGenerator<string> {
  const names = columns.map((column) => (typeof column === "string" ? column : column[0]));
  yield `${BYTE_ORDER_MARK}${csvLine(names)}`;
  for await (const rows of groups) {
    const lines = rows.map((row) =>
      csvLine(columns.map((column) => (typeof column === "string" ? row[column] : column[1](row)))),
    );
    if (lines.length > 0) yield lines.join("");
  }
}

/** Bytes at once, or a stream of them, such as a file. */
export class Bytes {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

  constructor(mediaType: string, bytes: Bytes["bytes"]) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }
}

/** A text that is sent as it is, such as a page. */
export class Text {
  readonly mediaType: string;
  readonly text: string;

  constructor(mediaType: string, text: string) {
    this.mediaType = mediaType;
    this.text = text;
  }
}

/**
 * True if the caller names this media type and gives no other a higher weight (RFC 9110 §12.5.1). A media
 * range names no type, and is answered with JSON.
 */
export function accepts(headers: Headers, mediaType: string): boolean {
  const accept = headers.get("Accept") ?? "";
  if (accept === "") return false;
  const weights = new Map(weightsIn(accept));
  const weight = weights.get(mediaType) ?? 0;
  return weight > 0 && weight >= Math.max(...weights.values());
}
