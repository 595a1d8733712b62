// Reads the CSV of replies.
import { readCsv } from "../../src/domain/operations/csv";

/** All records of a CSV text, each a list of fields. */
export function parseCsv(...given: Parameters<typeof readCsv>): string[][] {
  return Array.from(readCsv(...given));
}
