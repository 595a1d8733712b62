// Bounds the work of a query. Expressions come from strangers, and JMESPath can square or double its data in
// a few characters; since clocks stand still in a deployed Worker, work is counted instead of timed.

/**
 * Characters read or written that cost as much as one step; a character is far cheaper than visiting a node.
 */
export const CHARS_PER_STEP = 8;

/** Characters of an expression, at most. */
export const MAX_QUERY_CHARS = 1_000;
/** Steps of one evaluation: about a tenth of a second at worst, and many passes over 1 MiB of JSON. */
export const MAX_QUERY_STEPS = 1_000_000;

/** Parts into which a text is split, at most: as many as a list inside a pipeline has entries. */
export const MAX_PARTS = 100_000;

/** Characters of a text that is made by replacing, at most: as many as an operation returns. */
export const MAX_MADE_CHARS = 1024 * 1024;

/** `invalid-query`: cannot be parsed; `query-failed`: its data does not fit; `query-too-large`: over budget. */
export type QueryErrorCode = "invalid-query" | "query-failed" | "query-too-large";

/** A refused or failed query. The message is ours or the parser's, and short. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly code: QueryErrorCode;

  constructor(code: QueryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A number of steps to be spent, each once. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** Steps that are left, never below zero. */
  get left(): number {
    return Math.max(0, this.#left);
  }

  /**
   * Spends steps.
   *
   * @throws QueryError `query-too-large` if too few are left, or if `steps` is NaN
   */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left >= 0) return;
    this.#left = 0;
    throw new QueryError("query-too-large", "The query takes too many steps on this data");
  }

  /** Spends the price of reading or writing a text of this length. */
  spendText(chars: number): void {
    this.spend(Math.ceil(chars / CHARS_PER_STEP));
  }
}
