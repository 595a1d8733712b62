// Pages of a batch's results.
import type { ItemResult, JobSummary } from "./batch";

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
 * Results, and the index where the next page begins; null at the end. While the batch runs there is no end:
 * a page of all results stops before the first unfinished item, and one of some goes over what has ended and is
 * read again from the first unfinished item on.
 */
export interface PageOfResults {
  /** The batch at the moment of the page, without the summary of its outputs. */
  readonly summary: JobSummary;
  readonly results: readonly ItemResult[];
  readonly next: number | null;
}
