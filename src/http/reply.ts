// What a handler may return besides plain data: a status, headers, or a stream.
import { csvLine } from "../lib/csv-line";

/** A reply whose status, headers or body differ from the route's usual one. */
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

/** Text that is sent while it is made. When the caller goes away, the generator is ended. */
export class TextStream {
  readonly mediaType: string;
  readonly chunks: AsyncGenerator<string>;
  /** Ends what the generator waits for: a generator that waits cannot be ended itself. */
  readonly onCancel: (() => void) | undefined;

  constructor(mediaType: string, chunks: AsyncGenerator<string>, onCancel?: () => void) {
    this.mediaType = mediaType;
    this.chunks = chunks;
    this.onCancel = onCancel;
  }
}

/** One JSON value a line (application/x-ndjson). Values come in groups, each of which is sent at once. */
export function ndjson(
  groups: AsyncGenerator<readonly unknown[]>,
  onCancel?: () => void,
): TextStream {
  return new TextStream("application/x-ndjson", toLines(groups), onCancel);
}

/** The same of values that are JSON already. */
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

/** The columns of a CSV file in their order: by its name, how a row's cell is got. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => unknown>>;

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
  yield `${BYTE_ORDER_MARK}${csvLine(Object.keys(columns))}`;
  const cells = Object.values(columns);
  for await (const rows of groups) {
    const lines = rows.map((row) => csvLine(cells.map((cell) => cell(row))));
    if (lines.length > 0) yield lines.join("");
  }
}

/** Bytes as they come, such as a file. */
export class ByteStream {
  readonly mediaType: string;
  readonly bytes: ReadableStream<Uint8Array>;

  constructor(mediaType: string, bytes: ReadableStream<Uint8Array>) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }
}

/** Text as it is, such as a page. */
export class Text {
  readonly mediaType: string;
  readonly text: string;

  constructor(mediaType: string, text: string) {
    this.mediaType = mediaType;
    this.text = text;
  }
}

/**
 * Whether the caller asks for this media type by name, and for no other with more weight
 * (RFC 9110 §12.5.1). A range names nothing: it is served with JSON.
 */
export function accepts(headers: Headers, mediaType: string): boolean {
  const ranges = (headers.get("Accept") ?? "").toLowerCase().split(",");
  const weights = new Map(ranges.map((range) => weigh(range)));
  const weight = weights.get(mediaType) ?? 0;
  return weight > 0 && weight >= Math.max(...weights.values());
}

/** A media range and its weight. */
function weigh(range: string): [essence: string, weight: number] {
  const [essence = "", ...parameters] = range.split(";").map((part) => part.trim());
  const q = parameters.find((part) => part.startsWith("q="))?.slice("q=".length);
  return [essence, q === undefined ? 1 : Number(q) || 0];
}
