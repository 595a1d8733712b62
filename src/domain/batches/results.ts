// Pages of a batch's results.
import { readExactJson } from "../../lib/exact-json";
import type { JobSummary } from "./batch";
import type { ItemResult } from "./item-result";

/** A request for a page of results. */
export interface ResultsQuery {
  /** Index of the first item that is looked at. */
  readonly from: number;
  readonly limit: number;
  /** Results of one kind; null for all that have ended. */
  readonly only: ItemResult["status"] | null;
  readonly isInputWanted?: boolean;
  /** True to skip items that have not ended instead of stopping there, as a stream of all there is by now does. */
  readonly isWhole?: boolean;
}

/**
 * Results as NDJSON, which keeps numbers that a double cannot hold, and the index where the next page begins; null at
 * the end. While the batch runs there is no end: a page of all results stops before the first unfinished item, and
 * one of some goes over what has ended and is read again from the first unfinished item on.
 */
export interface StoredPage {
  /** The batch at the moment of the page, without the summary of its outputs. */
  readonly summary: JobSummary;
  readonly lines: string;
  readonly next: number | null;
}

/** The results in lines of NDJSON. Not validated, since the job wrote them. */
export function resultsIn(lines: string): ItemResult[] {
  return readExactJson(`[${lines.replaceAll("\n", ",")}]`) as ItemResult[];
}
