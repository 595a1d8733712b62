// The operation that reads CSV texts into tables, in any dialect.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import type { strictObject } from "../../lib/strict-object";
import { CsvError, type CsvDialect, findDelimiter, readCsv } from "./csv";
import { ItemError } from "./errors";
import { MAX_ITEMS } from "./limits";
import { textOperation } from "./operation";
import { Text, wholeNumber } from "./parameters";

/** Columns that can be named. */
const MAX_COLUMNS = 1_000;
/** Columns that a header can name: as many as a spreadsheet has. */
const MAX_TITLES = 16_384;
/** Cells of a table, those that are filled up included. */
const MAX_CELLS = 500_000;

/** A parameter that is one character, and neither a quote nor a line end. */
const Sign = v.pipe(v.string(), v.minLength(1), maxCharacters(1), v.regex(/^[^"\r\n]+$/));

const parameters = {
  delimiter: v.optional(
    v.pipe(
      v.union([v.literal("tab"), Sign]),
      v.transform((sign) => (sign === "tab" ? "\t" : sign)),
      v.description("Found among `, ; tab |` if left out; a first line `sep=;` tells it."),
    ),
  ),
  header: v.optional(
    v.pipe(
      v.boolean(),
      v.description("The first row names the columns: true, unless there are `columns`."),
    ),
  ),
  columns: v.optional(
    v.pipe(
      v.array(Text),
      v.minLength(1),
      v.maxLength(MAX_COLUMNS),
      v.description("Names of the columns, in place of a header's."),
    ),
  ),
  trim: v.optional(v.pipe(v.boolean(), v.description("No white space around fields.")), false),
  comments: v.optional(v.pipe(Sign, v.description("The character that begins a comment line."))),
  skip_lines: v.optional(wholeNumber(0, MAX_ITEMS), 0),
  skip_empty: v.optional(v.boolean(), true),
  ragged: v.optional(
    v.pipe(
      v.picklist(["error", "pad"]),
      v.description("Rows of unequal length are filled with empty texts, or fail the item."),
    ),
    "pad",
  ),
  quotes: v.optional(
    v.pipe(
      v.picklist(["strict", "relaxed"]),
      v.description("relaxed: a misplaced quote is text; strict: it fails the item (RFC 4180)."),
    ),
    "relaxed",
  ),
};

type Parameters = v.InferOutput<ReturnType<typeof strictObject<typeof parameters>>>;

function withoutLines(text: string, count: number): string {
  const ends = text.matchAll(/\r\n|\n|\r/g);
  let at = 0;
  for (let left = count; left > 0; left -= 1) {
    const { value: end } = ends.next();
    if (end === undefined) return "";
    at = end.index + end[0].length;
  }
  return text.slice(at);
}

/** Returns a function that reads the records, each time anew. */
function recordsOf(written: string, options: Parameters): () => Generator<string[]> {
  const text = withoutLines(written, options.skip_lines);
  const dialect: CsvDialect = {
    delimiter: ",",
    quotes: options.quotes,
    trim: options.trim,
    comments: options.comments ?? null,
    skipsEmpty: options.skip_empty,
  };
  const { delimiter, start } = findDelimiter(text, dialect, options.delimiter);
  return () => readCsv(text, { ...dialect, delimiter }, start);
}

/** Names of so many columns: one without a name, or with that of another, gets one by its place. */
function namesOf(written: readonly string[], width: number): string[] {
  const taken = new Set<string>();
  // The numbers given last, so that many columns of one name are not tried again and again.
  const numbers = new Map<string, number>();
  return Array.from({ length: width }, (_, at) => {
    const name = written[at] || `column_${at + 1}`;
    let own = name;
    for (let number = numbers.get(name) ?? 2; taken.has(own); number += 1) {
      own = `${name}_${number}`;
      numbers.set(name, number + 1);
    }
    taken.add(own);
    return own;
  });
}

/** An object with a row's fields by the names of their columns. */
function named(names: readonly string[], fields: readonly string[]): object {
  const row: Record<string, unknown> = {};
  // Assigned and counted by hand: pairs of names and fields would be most of the garbage of a large table.
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? "";
    if (name === "__proto__")
      return Object.fromEntries(names.map((own, n) => [own, fields[n] ?? ""]));
    row[name] = fields[at] ?? "";
  }
  return row;
}

/** The fields of the longest record. */
function widestOf(records: Iterable<string[]>): number {
  let width = 0;
  for (const fields of records) width = Math.max(width, fields.length);
  return width;
}

/** A table that is made row by row: its records would take as much memory as they do. */
class Table {
  readonly rows: unknown[] = [];
  readonly #options: Parameters;
  #width: number | undefined;
  #titles: readonly string[] | undefined;
  #names: readonly string[] | undefined;
  #isHeader: boolean;
  #count = 0;
  #least = Infinity;

  /** @param width of all rows; absent for that of the first */
  constructor(options: Parameters, width: number | undefined) {
    const { columns, header = columns === undefined } = options;
    this.#options = options;
    this.#width = width;
    this.#titles = columns;
    this.#isHeader = header;
  }

  /** @returns false if the record is wider than the table, which is void then */
  add(fields: readonly string[]): boolean {
    const width = (this.#width ??= fields.length);
    this.#count += 1;
    if (fields.length !== width && this.#options.ragged === "error") {
      const found = `record ${this.#count} has ${fields.length} fields`;
      throw new ItemError("invalid-value", `Not CSV: ${found}, the first has ${width}`);
    }
    if (fields.length > width) return false;
    this.#least = Math.min(this.#least, fields.length);
    if (this.#least < width && this.#count * width > MAX_CELLS)
      throw new ItemError("too-large", `The table would be over ${MAX_CELLS} cells`);
    if (this.#isHeader) this.#titles ??= fields;
    else this.rows.push(this.#rowOf(fields, width));
    this.#isHeader = false;
    return true;
  }

  #rowOf(fields: readonly string[], width: number): unknown {
    if (this.#titles === undefined)
      return [...fields, ...Array<string>(width - fields.length).fill("")];
    if (width > MAX_TITLES)
      throw new ItemError("too-large", `A table with names has at most ${MAX_TITLES} columns`);
    this.#names ??= namesOf(this.#titles, width);
    return named(this.#names, fields);
  }
}

function tableOf(records: () => Iterable<string[]>, options: Parameters, width?: number) {
  const table = new Table(options, width);
  for (const fields of records())
    if (!table.add(fields)) return tableOf(records, options, widestOf(records()));
  return table.rows;
}

function parseTable(text: string, options: Parameters): unknown[] {
  try {
    return tableOf(recordsOf(text, options), options, options.columns?.length);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ItemError("invalid-value", `Not CSV: ${error.message}`);
  }
}

/** The operation `csv_parse`. */
export const csvOperation = textOperation({
  name: "csv_parse",
  summary: "The rows of a CSV text: objects named by the first row, or lists",
  price: { per_item: 500, per_character: 40 },
  parameters,
  example: {
    input: ['name;age\n"Ada; Countess";36\nBo\n'],
    output: [
      [
        { name: "Ada; Countess", age: "36" },
        { name: "Bo", age: "" },
      ],
    ],
  },
  make: (options) => (text) => parseTable(text, options),
});
