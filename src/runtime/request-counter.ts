// Counts the requests that all calls of one request send, retries and redirects included: against what an
// invocation may send, and against the day's budget of a caller without a token.
import { Mutex } from "../lib/mutex";
import { nextMidnight } from "../lib/next-midnight";
import { buyCalls, giveBackCalls, type Payer } from "../domain/callers/buy-calls";
import { FetchFailure, overSubrequests } from "../domain/outgoing/outgoing-fetch";

/** Counts requests, in however many invocations they are sent. */
export class RequestCounter {
  #sent = 0;
  #paid: number;
  readonly #atATime: number;
  readonly #limit: number;
  readonly #payer: Payer | null;
  readonly #endOfDay: number;
  readonly #buying = new Mutex();

  /**
   * @param paid requests that are paid for already, and are paid for at a time
   * @param payer null for a caller without budgets
   */
  constructor(limit: number, paid: number, payer: Payer | null) {
    this.#limit = limit;
    this.#paid = paid;
    this.#atATime = Math.max(1, paid);
    this.#payer = payer;
    this.#endOfDay = payer === null ? Infinity : nextMidnight(payer.now());
  }

  /** Takes one request. @throws FetchFailure `subrequest-limit` or `quota-exceeded` */
  readonly take = (): void | Promise<void> => {
    if (this.#sent >= this.#limit) throw overSubrequests();
    if (this.#payer !== null && this.#sent >= this.#paid) return this.#pay(this.#payer);
    this.#sent += 1;
  };

  /** Notes that requests which were taken have not been sent. */
  readonly putBack = (requests: number): void => {
    this.#sent -= requests;
  };

  /**
   * Gives back what was paid for and not sent; whatever is sent later is paid for anew. One stays paid even if
   * none was sent: otherwise requests that come to nothing could write without end.
   */
  async settle(): Promise<void> {
    const unsent = this.#paid - Math.max(1, this.#sent);
    this.#paid -= unsent;
    if (this.#payer !== null) await giveBackCalls(this.#payer, unsent, this.#endOfDay);
  }

  #pay(payer: Payer): Promise<void> {
    return this.#buying.run(async () => {
      if (this.#sent >= this.#limit) throw overSubrequests();
      const wanted = Math.min(this.#atATime, this.#limit - this.#sent);
      if (this.#sent >= this.#paid) this.#paid += await buyCalls(payer, wanted).catch(refuse);
      if (this.#sent >= this.#paid) throw overBudget();
      this.#sent += 1;
    });
  }
}

function refuse(): never {
  const detail = "What counts the requests of callers without a token cannot be asked for now.";
  throw new FetchFailure("quota-exceeded", detail);
}

function overBudget(): FetchFailure {
  return new FetchFailure(
    "quota-exceeded",
    "The requests that a caller without a token may cause in a day are used, retries and redirects included; the next day begins at 00:00 UTC.",
  );
}
