// Counts the outgoing requests that one invocation sends, and refuses those beyond its limit.
import type { Fetcher } from "../outgoing/outgoing-fetch";
import { FetchFailure } from "../outgoing/outgoing-fetch";

/** Outgoing requests of one invocation. */
export class RequestBudget {
  readonly #limit: number;
  #left: number;

  /** @param limit of requests, redirects included */
  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /**
   * A fetcher that uses this budget, with the number of requests that were sent through it. `isShared`: true if it was
   * refused one, and an invocation of its own has more for it.
   */
  counting(fetch: Fetcher): { fetch: Fetcher; sent: () => number; isShared: () => boolean } {
    let sent = 0;
    let isSpent = false;
    const counted: Fetcher = async (url, init) => {
      isSpent = this.#left <= 0;
      if (isSpent)
        throw new FetchFailure("subrequest-limit", "The invocation may send no further request.");
      this.#left -= 1;
      sent += 1;
      return fetch(url, init);
    };
    return { fetch: counted, sent: () => sent, isShared: () => isSpent && sent < this.#limit };
  }
}
