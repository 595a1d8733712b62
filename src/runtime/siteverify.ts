// Verifies Turnstile tokens by asking Cloudflare's siteverify API.
import * as v from "valibot";
import { FetchFailure, sendRequest } from "../domain/outgoing/outgoing-fetch";
import type { Config } from "../env";
import { startDeadline } from "../lib/deadline";
import { createOutgoing } from "./outgoing";

const VERIFY_TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The only answer of the verifier that lets a request pass. */
const Success = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    success: v.literal(true),
    hostname: v.optional(v.string(), ""),
    action: v.optional(v.string(), ""),
  }),
);

const tooLate = () => new FetchFailure("timeout", "The verifier did not answer in time.");

/** A token, and the conditions that its origin must meet. */
export interface Challenge {
  readonly token: string;
  /** The caller's address, if known. */
  readonly remoteip: string | null;
  /** Returns true if the widget may be on a page of this host. */
  readonly isOurs: (hostname: string) => boolean;
}

/**
 * Spends a token. Resolves with true if it proves a person on one of our pages; false also if the verifier
 * cannot be reached or TURNSTILE_SECRET is not set, since nothing is proven then.
 */
export async function verifyChallenge(
  { token, remoteip, isOurs }: Challenge,
  { turnstile, limits }: Pick<Config, "turnstile" | "limits">,
): Promise<boolean> {
  if (turnstile === null) return false;
  const { secret, verifyUrl, action, isDummy } = turnstile;
  const outgoing = createOutgoing({ limits });
  const deadline = startDeadline(VERIFY_TIMEOUT_MS, { clock: outgoing.clock, reason: tooLate });
  const { result } = await sendRequest(
    {
      url: verifyUrl,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret, response: token, ...(remoteip && { remoteip }) }),
      attemptTimeoutMs: VERIFY_TIMEOUT_MS,
      retries: 0,
      maxRedirects: 0,
      maxBytes: MAX_ANSWER_BYTES,
    },
    outgoing,
    deadline,
  ).finally(deadline.clear);
  if (result instanceof FetchFailure || result.status !== 200) return false;
  const answer = v.safeParse(Success, new TextDecoder().decode(result.bytes));
  if (!answer.success) return false;
  // A dummy secret answers for widgets of any page and action, as being on some other one.
  if (isDummy) return true;
  return isOurs(answer.output.hostname) && (action === null || action === answer.output.action);
}
