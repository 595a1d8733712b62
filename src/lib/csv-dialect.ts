// Finds the delimiter of a CSV file: spreadsheets write `;` where the comma is the decimal sign, databases
// write tabs or bars.
import { CSV_DELIMITERS, CsvReader, type CsvDelimiter, type CsvRow } from "./csv-reader";

/** A dialect, and the place in the text where the records begin. */
export interface CsvDialect {
  readonly delimiter: CsvDelimiter;
  readonly start: number;
  /** Number of the line that begins at `start`. */
  readonly line: number;
}

/** Records that are looked at. */
const SAMPLE_RECORDS = 50;
const SEP_LINE = /^\ufeff?("?)sep=([,;\t|])\1(?:\r\n|\r|\n|$)/i;

/**
 * Finds the dialect of a text by its beginning. A first line `sep=;`, which Excel honours, decides; otherwise
 * the delimiter that splits every record into equally many cells, at least two; otherwise the one that the
 * first record has most of; otherwise the comma.
 *
 * @param isWhole true if nothing comes after the sample
 * @param given delimiter that the caller names, or null
 */
export function findCsvDialect(
  sample: string,
  isWhole: boolean,
  given: CsvDelimiter | null,
): CsvDialect {
  const [line = "", , mark] = SEP_LINE.exec(sample) ?? [];
  const named = given ?? CSV_DELIMITERS.find((delimiter) => delimiter === mark);
  if (named !== undefined)
    return { delimiter: named, start: line.length, line: line === "" ? 1 : 2 };
  return { delimiter: detect(sample, isWhole), start: 0, line: 1 };
}

function detect(sample: string, isWhole: boolean): CsvDelimiter {
  const widths = CSV_DELIMITERS.map((delimiter) => widthsBy(delimiter, sample, isWhole));
  const scores = widths.map(([first = 1, ...rest]) =>
    // Any agreement of several records is worth more than any number of cells.
    rest.every((width) => width === first) && first > 1 ? first + sample.length : first,
  );
  const best = Math.max(...scores);
  return (best > 1 ? CSV_DELIMITERS[scores.indexOf(best)] : undefined) ?? ",";
}

/** The number of cells of each record of a sample. */
function widthsBy(delimiter: CsvDelimiter, sample: string, isWhole: boolean): number[] {
  const widths: number[] = [];
  const reader = new CsvReader(delimiter, Infinity);
  const note = (rows: Iterable<CsvRow>) => {
    for (const row of rows) {
      if ("cells" in row) widths.push(row.cells.length);
      if (widths.length === SAMPLE_RECORDS) return;
    }
  };
  note(reader.push(sample));
  if (isWhole && widths.length < SAMPLE_RECORDS) note(reader.end());
  return widths;
}
