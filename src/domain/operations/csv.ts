// Reads CSV (RFC 4180) in the dialects that are met. The well-known parsers are slow and large here, read some
// quoted texts in quadratic time, or silently drop what follows a closing quote, while the grammar is a single
// pattern.

/** Error for a text that is not CSV. The message names the record, counted from 1, and quotes nothing of it. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

/** The form in which a CSV text is written. */
export interface CsvDialect {
  /** The character between fields. */
  readonly delimiter: string;
  /**
   * `strict`: quotes as in RFC 4180; `relaxed`: a quote inside a field is text, and so is what follows a closing
   * one; the last quoted field need not be closed.
   */
  readonly quotes: "strict" | "relaxed";
  /** True to drop white space around fields, and around their quotes. */
  readonly trim: boolean;
  /** The character at the beginning of lines that are comments; null for none. */
  readonly comments: string | null;
  /** True to skip lines without any character. */
  readonly skipsEmpty: boolean;
}

/** RFC 4180's dialect. */
const STRICT: CsvDialect = {
  delimiter: ",",
  quotes: "strict",
  trim: false,
  comments: null,
  skipsEmpty: true,
};

/** Characters between fields that are found by themselves. */
const DELIMITERS = [",", ";", "\t", "|"];
const BYTE_ORDER_MARK = "\ufeff";
const LINE_END = /\r\n|\n|\r/g;

/**
 * A pattern for one field and its end: the text between quotes, what follows them, or the plain text. Each
 * quote can be read in one way only, so it does not backtrack far.
 */
function fieldPattern({ delimiter, quotes, trim }: CsvDialect): RegExp {
  const mark = delimiter.replace(/[\\\]^-]/, String.raw`\$&`);
  const blank = trim ? String.raw`(?:(?![${mark}\r\n])\s)*` : "";
  const rest = String.raw`[^${mark}\r\n]*`;
  const text = '"([^"]*(?:""[^"]*)*)';
  const end = String.raw`([${mark}]|\r\n|\n|\r|$)`;
  const field =
    quotes === "strict"
      ? `${blank}${text}"()${blank}|([^"${mark}\\r\\n]*)`
      : `${blank}${text}(?:"(${rest})|$)|(${rest})`;
  // By characters: a delimiter may be two code units.
  return new RegExp(`(?:${field})${end}`, "uy");
}

const patterns = new Map<string, RegExp>();

/** The pattern of a dialect. Those of usual delimiters are kept: to compile one takes as long as to read a line. */
function patternOf(dialect: CsvDialect): RegExp {
  const { delimiter, quotes, trim } = dialect;
  const key = `${delimiter}${quotes}${trim}`;
  const pattern = patterns.get(key) ?? fieldPattern(dialect);
  if (DELIMITERS.includes(delimiter)) patterns.set(key, pattern);
  return pattern;
}

/**
 * Reads the records of a CSV text one at a time, each a list of fields, so that a large file needs no large list. Skips
 * a byte order mark, and accepts any line end.
 *
 * @param start the place where the records begin
 * @throws CsvError for a misplaced quote
 */
export function* readCsv(
  text: string,
  written: Partial<CsvDialect> = {},
  start = 0,
): Generator<string[]> {
  const dialect = { ...STRICT, ...written };
  const records = new Records(text, dialect, start);
  for (let record = records.next(); record !== null; record = records.next())
    yield typeof record === "string" ? fieldsOf(record, dialect) : record;
}

/** The numbers of fields of the records of a CSV text. Throws as `readCsv` does, and takes less time. */
export function* csvWidths(text: string, dialect: CsvDialect, start = 0): Generator<number> {
  const records = new Records(text, dialect, start);
  for (let record = records.next(); record !== null; record = records.next())
    yield typeof record === "string" ? widthOf(record, dialect) : record.length;
}

/** The records of a CSV text. */
class Records {
  readonly #text: string;
  readonly #dialect: CsvDialect;
  readonly #pattern: RegExp;
  readonly #lines: PlainLines;
  #at: number;
  #number = 1;

  constructor(text: string, dialect: CsvDialect, start: number) {
    this.#text = text;
    this.#dialect = dialect;
    this.#pattern = patternOf(dialect);
    this.#lines = new PlainLines(text);
    this.#at = start === 0 && text.startsWith(BYTE_ORDER_MARK) ? 1 : start;
  }

  /** The line of a record without quotes, the fields of any other; null at the end. */
  next(): string | string[] | null {
    const text = this.#text;
    const dialect = this.#dialect;
    while (this.#at < text.length) {
      if (isComment(text, this.#at, dialect)) {
        this.#at = afterLine(text, this.#at);
        continue;
      }
      const record = this.#lines.at(this.#at) ?? this.#quoted();
      if (typeof record === "string") this.#at = this.#lines.next;
      if (dialect.skipsEmpty && isEmpty(record, dialect)) continue;
      this.#number += 1;
      return record.length === 0 ? [""] : record;
    }
    return null;
  }

  #quoted(): string[] {
    const pattern = this.#pattern;
    // Others may have used the pattern since the last record.
    pattern.lastIndex = this.#at;
    const fields = readRecord(pattern, this.#text, this.#dialect, this.#number);
    this.#at = pattern.lastIndex;
    return fields;
  }
}

const isComment = (text: string, at: number, { comments }: CsvDialect) =>
  comments !== null && text.startsWith(comments, at);

/** The place after the line that begins at a place. */
function afterLine(text: string, at: number): number {
  LINE_END.lastIndex = at;
  const end = LINE_END.exec(text);
  return end === null ? text.length : end.index + end[0].length;
}

/** The lines of a text that hold no quotes, as most do: those are split. */
class PlainLines {
  readonly #text: string;
  // The next of each on from the place that was asked for last, so that the text is searched once.
  #quote = -1;
  #feed = -1;
  #return = -1;
  /** The place after the line that was read last. */
  next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line that begins at a place; null for one with a quote. */
  at(from: number): string | null {
    if (this.#quote < from) this.#quote = this.#find('"', from);
    if (this.#feed < from) this.#feed = this.#find("\n", from);
    if (this.#return < from) this.#return = this.#find("\r", from);
    const end = Math.min(this.#feed, this.#return);
    if (this.#quote < end) return null;
    this.next = (end + 1 === this.#feed ? this.#feed : end) + 1;
    return this.#text.slice(from, end);
  }

  #find(mark: string, from: number): number {
    const at = this.#text.indexOf(mark, from);
    return at === -1 ? this.#text.length : at;
  }
}

/** True for a record without a field, and for a line of nothing, or nothing but white space that is dropped. */
function isEmpty(record: string | string[], { delimiter, trim }: CsvDialect): boolean {
  if (record.length === 0) return true;
  return trim && typeof record === "string" && !record.includes(delimiter) && record.trim() === "";
}

/** The fields of a line without quotes. */
function fieldsOf(line: string, { delimiter, trim }: CsvDialect): string[] {
  const fields = line.split(delimiter);
  return trim ? fields.map((field) => field.trim()) : fields;
}

function widthOf(line: string, { delimiter }: CsvDialect): number {
  let width = 1;
  for (let at = line.indexOf(delimiter); at !== -1; at = line.indexOf(delimiter, at + 1))
    width += 1;
  return width;
}

/** The fields of the record where the pattern stands; none for an empty one. */
function readRecord(pattern: RegExp, text: string, dialect: CsvDialect, number: number): string[] {
  const fields: string[] = [];
  let isPlain = true;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null) throw new CsvError(`record ${number} has a misplaced quote`);
    const field = toField(match, dialect.trim);
    fields.push(field.text);
    isPlain &&= !field.isQuoted;
    if (field.end === dialect.delimiter) continue;
    return isPlain && fields.length === 1 && fields[0] === "" ? [] : fields;
  }
}

/** A field, and what ends it. */
function toField(
  [, quoted, after = "", plain = "", end = ""]: RegExpExecArray,
  isTrimmed: boolean,
) {
  if (quoted === undefined) return { text: isTrimmed ? plain.trim() : plain, isQuoted: false, end };
  const inner = quoted.replaceAll('""', '"');
  // A quoted field keeps its own spaces.
  const text = isTrimmed ? inner + after.trimEnd() : inner + after;
  return { text, isQuoted: true, end };
}

/** Characters and records that are looked at to find the delimiter. */
const SAMPLE_CHARS = 64 * 1024;
const SAMPLE_RECORDS = 50;
/** The line by which Excel is told the delimiter. */
const SEP_LINE = /^\ufeff?("?)[sS][eE][pP]=([^"\r\n])\1(?:\r\n|\r|\n|$)/u;

/**
 * Finds the delimiter of a CSV text and the place where its records begin. A first line `sep=;` decides;
 * otherwise the delimiter between which quotes stand as in RFC 4180 in most records (`"1,5";"2,5"`), that splits all
 * records into equally many fields, at least two, and that the first record has most of; otherwise the comma.
 *
 * @param given the delimiter, if it is known: then a line `sep=` is only skipped
 */
export function findDelimiter(
  text: string,
  dialect: CsvDialect,
  given: string | undefined,
): { readonly delimiter: string; readonly start: number } {
  const [line = "", , mark] = SEP_LINE.exec(text) ?? [];
  const named = given ?? mark;
  if (named !== undefined) return { delimiter: named, start: line.length };
  const sample = text.slice(0, SAMPLE_CHARS);
  const marks = DELIMITERS.filter((delimiter) => delimiter !== dialect.comments);
  const scored = marks.map((delimiter) => {
    const widths = widthsOf(sample, { ...dialect, delimiter, quotes: "relaxed" });
    const strict = widthsOf(sample, { ...dialect, delimiter, quotes: "strict" });
    return { delimiter, score: scoreOf(widths, strict.length) };
  });
  const best = scored.reduce((one, other) => (other.score > one.score ? other : one));
  return { delimiter: best.score > 1 ? best.delimiter : ",", start: 0 };
}

/** The widths of the first records, up to one with a misplaced quote. */
function widthsOf(sample: string, dialect: CsvDialect): number[] {
  const widths: number[] = [];
  try {
    for (const width of csvWidths(sample, { ...dialect, skipsEmpty: true })) {
      widths.push(width);
      if (widths.length === SAMPLE_RECORDS) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return widths;
}

/** Quotes in their places are worth more than the agreement of several records, and that more than many fields. */
function scoreOf([first = 1, ...others]: readonly number[], strictRecords: number): number {
  if (first === 1) return first;
  const isAgreed = others.length > 0 && others.every((width) => width === first);
  return first + SAMPLE_CHARS * ((isAgreed ? 1 : 0) + 4 * strictRecords);
}
