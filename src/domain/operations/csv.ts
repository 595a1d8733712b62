// Parses CSV (RFC 4180). The well-known parsers are slow and large here, read some quoted texts in quadratic
// time, or silently drop what follows a closing quote, while the grammar is a single pattern.

/** Characters that may separate fields. */
export type CsvDelimiter = "," | ";" | "\t" | "|";

/** Error for a text that is not CSV. The message names the record, counted from 1, and quotes nothing of it. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

/** The first name that occurs twice, since one of two columns with the same name would be lost. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/**
 * A pattern for one field and its end. Each quote can be read in one way only, so it does not backtrack far.
 */
function fieldPattern(delimiter: CsvDelimiter): RegExp {
  const end = `([${delimiter}]|\\r\\n|\\n|\\r|$)`;
  return new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|([^"${delimiter}\\r\\n]*))${end}`, "y");
}

/**
 * Parses a CSV text into records, each a list of fields. Skips a byte order mark and empty lines, and accepts
 * any line end.
 *
 * @throws CsvError for a misplaced quote and for records of unequal length
 */
export function parseCsv(text: string, delimiter: CsvDelimiter = ","): string[][] {
  const records: string[][] = [];
  for (const { fields } of readCsv(text, delimiter)) addRecord(records, fields);
  return records;
}

/** The fields of one record, and the line where it begins, from 1. */
export interface CsvRecord {
  readonly fields: string[];
  readonly line: number;
}

/** As `parseCsv`, but yields one record at a time, of any length, so that a large file needs no large list. */
export function* readCsv(text: string, delimiter: CsvDelimiter = ","): Generator<CsvRecord> {
  const pattern = fieldPattern(delimiter);
  pattern.lastIndex = text.startsWith("\ufeff") ? 1 : 0;
  let fields: string[] = [];
  let [line, breaks] = [1, 0];
  for (let number = 1; ;) {
    const { text: value, end, isBlank } = readField(pattern, text, number);
    fields.push(value);
    // Only a quoted field holds any.
    if (/[\r\n]/.test(value)) breaks += value.match(/\r\n|\r|\n/g)?.length ?? 0;
    if (end === delimiter) continue;
    if (fields.length > 1 || !isBlank) {
      yield { fields, line };
      number += 1;
    }
    if (end === "") return;
    line += breaks + 1;
    breaks = 0;
    fields = [];
  }
}

function readField(pattern: RegExp, text: string, record: number) {
  const field = pattern.exec(text);
  if (field === null) throw new CsvError(`record ${record} has a misplaced quote`);
  const [, quoted, plain = "", end = ""] = field;
  if (quoted === undefined) return { text: plain, end, isBlank: plain === "" };
  return { text: quoted.replaceAll('""', '"'), end, isBlank: false };
}

function addRecord(records: string[][], record: string[]): void {
  const expected = records[0]?.length ?? record.length;
  if (record.length !== expected) {
    const found = `record ${records.length + 1} has ${record.length} fields`;
    throw new CsvError(`${found}, the first has ${expected}`);
  }
  records.push(record);
}
