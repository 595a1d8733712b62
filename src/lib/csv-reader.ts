// Reads CSV (RFC 4180) that comes in pieces, in bounded memory, as spreadsheets and databases write it: any
// line end, blanks around a quoted cell, a quote inside a cell that does not begin with one. The known parsers
// are several times slower here, or do not tell the line of a record.

/** Characters that may separate cells. */
export const CSV_DELIMITERS = [",", ";", "\t", "|"] as const;
/** One of CSV_DELIMITERS. */
export type CsvDelimiter = (typeof CSV_DELIMITERS)[number];

/** A record with the line where it begins, from 1: its cells, or the reason why it cannot be read. */
export type CsvRow = { readonly line: number } & (
  | { readonly cells: readonly string[] }
  | { readonly fault: string }
);

/** The result of reading one record from a buffer: `next` is where the one after it begins. */
type Read =
  | {
      readonly cells: readonly string[];
      readonly next: number;
      readonly isBlank: boolean;
      /** Line breaks in it, where that is known. */
      readonly breaks?: number;
    }
  | { readonly fault: string; readonly next: number }
  | "incomplete";

const LINE_BREAKS = /\r\n|\r|\n/g;
const BYTE_ORDER_MARK = "\ufeff";

/** Reads records from text that comes in pieces. Skips a byte order mark and blank lines. */
export class CsvReader {
  readonly #delimiter: CsvDelimiter;
  readonly #maxCharacters: number;
  #buffer = "";
  #line: number;
  #isStart: boolean;
  #isBroken = false;

  /**
   * @param maxCharacters of one record: an opening quote without its end must not swallow a whole file
   * @param firstLine number of the line where the text begins
   */
  constructor(delimiter: CsvDelimiter, maxCharacters: number, firstLine = 1) {
    this.#delimiter = delimiter;
    this.#maxCharacters = maxCharacters;
    this.#line = firstLine;
    this.#isStart = firstLine === 1;
  }

  /** Yields the records that end in this piece. */
  push(piece: string): Generator<CsvRow> {
    return this.#read(piece, false);
  }

  /** Yields the last records. */
  end(): Generator<CsvRow> {
    return this.#read("", true);
  }

  *#read(piece: string, isEnd: boolean): Generator<CsvRow> {
    if (this.#isBroken) return;
    const text = this.#buffer + piece;
    let at = this.#isStart && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    this.#isStart &&= text === "";
    while (at < text.length) {
      const record = readRecord(text, at, this.#delimiter, isEnd);
      if (record === "incomplete") break;
      const line = this.#line;
      const isRead = "cells" in record;
      this.#line += (isRead && record.breaks) || breaksIn(text, at, record.next);
      at = record.next;
      if (!isRead) yield { line, fault: record.fault };
      else if (!record.isBlank) yield { line, cells: record.cells };
    }
    this.#buffer = text.slice(at);
    if (this.#buffer.length <= this.#maxCharacters) return;
    this.#isBroken = true;
    this.#buffer = "";
    yield {
      line: this.#line,
      fault: `A row of more than ${this.#maxCharacters} characters: is a quote not closed?`,
    };
  }
}

/** Reads the record that begins at `start`. Without `isEnd` it has to end before the text does. */
function readRecord(text: string, start: number, delimiter: CsvDelimiter, isEnd: boolean): Read {
  return readPlainRecord(text, start, delimiter) ?? readAnyRecord(text, start, delimiter, isEnd);
}

/** Reads a record with neither a quote nor a lone CR, as most are; null for any other. */
function readPlainRecord(text: string, start: number, delimiter: CsvDelimiter): Read | null {
  const newline = text.indexOf("\n", start);
  if (newline === -1) return null;
  const end = text[newline - 1] === "\r" && newline > start ? newline - 1 : newline;
  const line = text.slice(start, end);
  if (line.includes('"') || line.includes("\r")) return null;
  return { cells: line.split(delimiter), next: newline + 1, isBlank: line === "", breaks: 1 };
}

function readAnyRecord(text: string, start: number, delimiter: CsvDelimiter, isEnd: boolean): Read {
  const cells: string[] = [];
  for (let at = start; ;) {
    const cell = readCell(text, at, delimiter, isEnd);
    if (cell === "incomplete") return cell;
    if ("fault" in cell) {
      // Reading goes on after the line in which it was found.
      const next = afterBreak(text, endOfLine(text, cell.at), isEnd);
      return next === null ? "incomplete" : { fault: cell.fault, next };
    }
    cells.push(cell.value);
    at = cell.end + 1;
    if (text[cell.end] === delimiter) continue;
    const next = afterBreak(text, cell.end, isEnd);
    const isBlank = cells.length === 1 && cell.value === "" && !cell.isQuoted;
    return next === null ? "incomplete" : { cells, next, isBlank };
  }
}

/** A cell, and the place of what ends it. */
type Cell =
  | { readonly value: string; readonly end: number; readonly isQuoted: boolean }
  | { readonly fault: string; readonly at: number }
  | "incomplete";

function readCell(text: string, start: number, delimiter: CsvDelimiter, isEnd: boolean): Cell {
  const at = afterBlanks(text, start, delimiter);
  if (text[at] === '"') return readQuoted(text, at + 1, delimiter, isEnd);
  const end = endOfPlain(text, start, delimiter);
  if (end === text.length && !isEnd) return "incomplete";
  return { value: text.slice(start, end), end, isQuoted: false };
}

function readQuoted(text: string, start: number, delimiter: CsvDelimiter, isEnd: boolean): Cell {
  let close = text.indexOf('"', start);
  let hasQuotes = false;
  while (close !== -1 && text[close + 1] === '"') {
    hasQuotes = true;
    close = text.indexOf('"', close + 2);
  }
  if (close === -1)
    return isEnd ? { fault: "A quote is opened, and not closed", at: text.length } : "incomplete";
  const end = afterBlanks(text, close + 1, delimiter);
  const next = text[end];
  if (next === undefined && !isEnd) return "incomplete";
  if (next !== undefined && next !== delimiter && next !== "\n" && next !== "\r")
    return { fault: 'After the closing quote stands more; inside a cell write "" for "', at: end };
  const value = text.slice(start, close);
  return { value: hasQuotes ? value.replaceAll('""', '"') : value, end, isQuoted: true };
}

/** The place after spaces, and tabs where these do not separate cells. */
function afterBlanks(text: string, start: number, delimiter: CsvDelimiter): number {
  const isTabBlank = delimiter !== "\t";
  for (let at = start; ; at += 1) {
    const isBlank = text[at] === " " || (isTabBlank && text[at] === "\t");
    if (!isBlank) return at;
  }
}

const PLAIN_ENDS: Record<CsvDelimiter, RegExp> = {
  ",": /[,\r\n]/g,
  ";": /[;\r\n]/g,
  "\t": /[\t\r\n]/g,
  "|": /[|\r\n]/g,
};

function endOfPlain(text: string, start: number, delimiter: CsvDelimiter): number {
  const pattern = PLAIN_ENDS[delimiter];
  pattern.lastIndex = start;
  return pattern.exec(text)?.index ?? text.length;
}

/** The place after the line break at `at`, or null if the text may end before it or within it. */
function afterBreak(text: string, at: number, isEnd: boolean): number | null {
  if (at === text.length) return isEnd ? at : null;
  if (text[at] === "\n") return at + 1;
  if (at + 1 === text.length) return isEnd ? at + 1 : null;
  return text[at + 1] === "\n" ? at + 2 : at + 1;
}

function endOfLine(text: string, at: number): number {
  LINE_BREAKS.lastIndex = at;
  return LINE_BREAKS.exec(text)?.index ?? text.length;
}

function breaksIn(text: string, start: number, end: number): number {
  return text.slice(start, end).match(LINE_BREAKS)?.length ?? 0;
}
