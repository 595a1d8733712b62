// Counting of an upstream's calls, and its OAuth token: one object of each upstream that has quotas or a token
// answers for all callers.
import type { TimeLimit } from "../../lib/deadline";

/** An OAuth 2.0 access token, and what must be redacted while it is in use. */
export interface AccessToken {
  readonly value: string;
  /** The upstream's secrets and this token; the same list as long as the token is the same. */
  readonly secrets: readonly string[];
}

/** The gate of one upstream, for one caller. */
export interface UpstreamGate {
  /**
   * Waits for the turn of one request.
   *
   * @throws FetchFailure `quota-exceeded` if it does not come before the limit
   */
  waitForTurn(this: void, limit: TimeLimit): Promise<void>;
  /**
   * Returns the token of an upstream with `oauth2`.
   *
   * @param refused a token that the upstream did not take; null for none
   * @throws FetchFailure if there is none to be had
   */
  accessToken(this: void, refused: string | null): Promise<AccessToken>;
}
