// What a query may cost. Expressions come from strangers and JMESPath can square or double its data
// in a few characters, and clocks stand still in a deployed Worker: so work is counted, not timed.

/** Characters that are read or made for the price of one step; a character is far cheaper than a node. */
export const CHARS_PER_STEP = 8;

/** Characters of an expression. */
export const MAX_QUERY_CHARS = 1_000;
/** Steps of one evaluation: about a tenth of a second at worst, and many passes over 1 MiB of JSON. */
export const MAX_QUERY_STEPS = 1_000_000;

/** `invalid-query`: cannot be parsed; `query-failed`: its data does not fit; `query-too-large`: over budget. */
export type QueryErrorCode = "invalid-query" | "query-failed" | "query-too-large";

/** A query that was refused or has failed. The message is ours or the parser's, and short. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly code: QueryErrorCode;

  constructor(code: QueryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A number of steps that can be spent once. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** Steps that are left, never below zero. */
  get left(): number {
    return Math.max(0, this.#left);
  }

  /** Takes steps; throws `query-too-large` when there are not enough, or when the price is not a number. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left >= 0) return;
    this.#left = 0;
    throw new QueryError("query-too-large", "The query takes too many steps on this data");
  }

  /** Takes the price of reading or making a text. */
  spendText(chars: number): void {
    this.spend(Math.ceil(chars / CHARS_PER_STEP));
  }
}
