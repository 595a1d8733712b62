// The runtime's side of Turnstile: asking Cloudflare what a token is worth, by the one way out.
import * as v from "valibot";
import { FetchFailure, sendRequest } from "../domain/outgoing/outgoing-fetch";
import type { Config } from "../env";
import { startDeadline } from "../lib/deadline";
import { createOutgoing } from "./outgoing";

const VERIFY_TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The only answer of the verifier that lets a request pass. */
const Success = v.pipe(v.string(), v.parseJson(), v.object({ success: v.literal(true) }));

const tooLate = () => new FetchFailure("timeout", "The verifier did not answer in time.");

/**
 * Spends a token. Resolves with true if it proves a person; false also if the verifier cannot be reached or
 * TURNSTILE_SECRET is not set, since nothing is proven then.
 *
 * @param remoteip the caller's address, if known
 */
export async function verifyChallenge(
  token: string,
  remoteip: string | null,
  { turnstile, limits }: Pick<Config, "turnstile" | "limits">,
): Promise<boolean> {
  if (turnstile === null) return false;
  const { secret, verifyUrl } = turnstile;
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
  return v.is(Success, new TextDecoder().decode(result.bytes));
}
