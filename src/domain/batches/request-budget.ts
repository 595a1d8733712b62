// The requests that one invocation may send, shared out to the calls that it makes.
import type { CallContext } from "../calls/run-call";
import { FetchFailure } from "../outgoing/outgoing-fetch";
import { REQUESTS_PER_INVOCATION } from "../platform";

/** What items may send in one invocation: some are left to what serves them, such as DNS. */
export const MAX_REQUESTS_PER_INVOCATION = REQUESTS_PER_INVOCATION - 5;

/**
 * Shares out the invocation's requests, redirects and retries included. A call starts only once its
 * share is set aside, so that each one started comes to an end: calls that took requests from each other
 * could all be cut off, in this invocation and in every further one.
 */
export function createRequestBudget(context: CallContext) {
  let free = MAX_REQUESTS_PER_INVOCATION;
  const take = (share: number) => {
    if (share > free) return null;
    free -= share;
    let left = share;
    const send: CallContext["outgoing"]["fetch"] = async (url, init) => {
      // Beyond its share, a call may have what nobody else has a claim to.
      if (left > 0) left -= 1;
      else if (free > 0) free -= 1;
      else throw new FetchFailure("cancelled", "The invocation may send no further request.");
      return context.outgoing.fetch(url, init);
    };
    const giveBack = () => {
      free += left;
      left = 0;
    };
    return { context: { ...context, outgoing: { ...context.outgoing, fetch: send } }, giveBack };
  };
  return { take };
}
