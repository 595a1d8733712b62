// The operation that reads CSV texts into tables, in any dialect.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { setMember } from "../../lib/set-member";
import { WrittenJson } from "../../lib/written-json";
import type { strictObject } from "../../lib/strict-object";
import { CsvError, type CsvDialect, csvWidths, findDelimiter, readCsv } from "./csv";
import { ItemError } from "./errors";
import { MAX_ITEMS } from "./limits";
import { textOperation } from "./operation";
import { Text, wholeNumber } from "./parameters";

/** Columns that can be named. */
const MAX_COLUMNS = 1_000;
/** Columns of a table: as many as a spreadsheet has. */
const MAX_WIDTH = 16_384;
/** Cells of a table, those that are filled up included. */
const MAX_CELLS = 500_000;

/** A parameter that is one character. */
const Sign = v.pipe(
  v.string(),
  v.minLength(1),
  maxCharacters(1),
  v.regex(
    /^(?:[^"\r\n\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])$/,
    "One character, and neither a quote nor a line end",
  ),
);

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
  for (let at = 0; at < names.length; at += 1) setMember(row, names[at] ?? "", fields[at] ?? "");
  return row;
}

/** A row with so many fields that its object would take several times as much as its JSON. */
class WideRow extends WrittenJson {
  override readonly length: number;
  readonly #names: readonly string[];
  readonly #fields: readonly string[];

  constructor(names: readonly string[], fields: readonly string[]) {
    super();
    this.#names = names;
    this.#fields = fields;
    let length = 0;
    for (let at = 0; at < names.length; at += 1)
      length += (names[at]?.length ?? 0) + (fields[at]?.length ?? 0) + '"":"",'.length;
    this.length = length;
  }

  override *texts(): Generator<string> {
    const names = this.#names;
    for (let from = 0; from < names.length; from += MAX_COLUMNS) {
      const part = named(names.slice(from, from + MAX_COLUMNS), this.#fields.slice(from));
      yield (from === 0 ? "{" : ",") + JSON.stringify(part).slice(1, -1);
    }
    yield "}";
  }

  override toJSON(): object {
    return named(this.#names, this.#fields);
  }

  // Nothing is held but the row.
  override free(): void {}
}

/**
 * The width of a table.
 *
 * @throws ItemError for a text that is not CSV, and a table that is too large or not to be ragged
 */
function widthOf(widths: Iterable<number>, options: Parameters): number {
  try {
    return widest(widths, options);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ItemError("invalid-value", `Not CSV: ${error.message}`);
  }
}

function widest(widths: Iterable<number>, { columns, ragged }: Parameters): number {
  let width = columns?.length;
  let [count, least] = [0, Infinity];
  for (const own of widths) {
    width ??= own;
    count += 1;
    if (own !== width && ragged === "error") {
      const found = `record ${count} has ${own} fields`;
      throw new ItemError("invalid-value", `Not CSV: ${found}, the first has ${width}`);
    }
    if (own > MAX_WIDTH)
      throw new ItemError("too-large", `A table has at most ${MAX_WIDTH} columns`);
    least = Math.min(least, own);
    width = Math.max(width, own);
    if (least < width && count * width > MAX_CELLS)
      throw new ItemError("too-large", `The table would be over ${MAX_CELLS} cells`);
  }
  return width ?? 0;
}

/** The rows of a table, each as it is read: all of its records would take as much memory as they do. */
function* rowsOf(written: string, options: Parameters): Generator {
  const { columns, header = columns === undefined } = options;
  const text = withoutLines(written, options.skip_lines);
  const given: CsvDialect = {
    delimiter: ",",
    quotes: options.quotes,
    trim: options.trim,
    comments: options.comments ?? null,
    skipsEmpty: options.skip_empty,
  };
  const { delimiter, start } = findDelimiter(text, given, options.delimiter);
  const dialect = { ...given, delimiter };
  const width = widthOf(csvWidths(text, dialect, start), options);
  const records = readCsv(text, dialect, start);
  const head = header ? records.next().value : undefined;
  const titles = columns ?? head;
  if (titles === undefined) return yield* listsOf(records, width);
  let names: readonly string[] | undefined;
  for (const fields of records) {
    names ??= namesOf(titles, width);
    yield width > MAX_COLUMNS ? new WideRow(names, fields) : named(names, fields);
  }
}

function* listsOf(records: Iterable<string[]>, width: number): Generator<string[]> {
  for (const fields of records) yield [...fields, ...Array<string>(width - fields.length).fill("")];
}

/** The operation `csv_parse`. */
export const csvOperation = textOperation({
  name: "csv_parse",
  summary:
    "The rows of a CSV text: objects named by the first row, or lists; at most 16,384 columns",
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
  check: ({ delimiter, comments }) =>
    comments !== undefined && comments === delimiter
      ? { parameter: "comments", message: "Lines would begin with the delimiter" }
      : undefined,
  make: (options) => (text) => rowsOf(text, options),
});
