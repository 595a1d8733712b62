// Shares the outgoing requests that one invocation may send among the calls it makes.
import type { CallContext } from "../calls/run-call";
import { FetchFailure } from "../outgoing/outgoing-fetch";
import { REQUESTS_PER_INVOCATION } from "../platform";

/** Requests that items may send in one invocation. Five are kept for the Worker's own, such as DNS lookups. */
export const MAX_REQUESTS_PER_INVOCATION = REQUESTS_PER_INVOCATION - 5;

/**
 * Shares the invocation's requests, redirects and retries included. A call reserves its share before it
 * starts, so that each started call can finish: if calls took requests from one common budget, all of them
 * could be cut off, in this invocation and in every later one.
 */
export function createRequestBudget(context: CallContext) {
  let free = MAX_REQUESTS_PER_INVOCATION;
  const take = (share: number) => {
    if (share > free) return null;
    free -= share;
    let left = share;
    const send: CallContext["outgoing"]["fetch"] = async (url, init) => {
      // After its own share, a call may use requests that no other call has reserved.
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
