// Fetches access tokens by client credentials (RFC 6749 §4.4).
import * as v from "valibot";
import { startDeadline } from "../../lib/deadline";
import { FetchFailure, sendRequest, type Outgoing } from "../outgoing/outgoing-fetch";
import type { OAuth2Client } from "./upstreams";

const TOKEN_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Seconds for which a token is used if its answer does not say. */
const DEFAULT_LIFETIME_SECONDS = 3600;
const MAX_LIFETIME_SECONDS = 86_400;

const TokenAnswer = v.object({
  // RFC 6750 §2.1: what a header can hold.
  access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,8000}$/)),
  expires_in: v.optional(v.pipe(v.unknown(), v.transform(Number))),
});

/** A token, and the instant until which it is valid, in milliseconds since 1970 UTC. */
export interface FetchedToken {
  readonly value: string;
  readonly expiresAt: number;
}

/**
 * Fetches a token.
 *
 * @throws FetchFailure if there is none to be had; it quotes nothing of the answer
 */
export async function fetchToken(
  { tokenUrl, clientId, clientSecret, scope }: OAuth2Client,
  outgoing: Outgoing,
): Promise<FetchedToken> {
  const { clock } = outgoing;
  const deadline = startDeadline(TOKEN_TIMEOUT_MS, { clock, reason: tooLate });
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope !== "" && { scope }),
  });
  const { result } = await sendRequest(
    {
      url: tokenUrl,
      method: "POST",
      headers: {
        accept: "application/json",
        authorization: `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: form.toString(),
      attemptTimeoutMs: TOKEN_TIMEOUT_MS,
      retries: 2,
      maxRedirects: 0,
      maxBytes: MAX_ANSWER_BYTES,
    },
    outgoing,
    deadline,
  ).finally(deadline.clear);
  if (result instanceof FetchFailure) throw new FetchFailure(result.code, NO_TOKEN);
  const answer = v.safeParse(TokenAnswer, parse(result.bytes));
  if (result.status !== 200 || !answer.success)
    throw new FetchFailure(
      "network",
      `${NO_TOKEN.slice(0, -1)}: its server answered ${result.status}.`,
    );
  const { access_token, expires_in = NaN } = answer.output;
  const seconds = expires_in > 0 ? expires_in : DEFAULT_LIFETIME_SECONDS;
  const lifetimeMs = Math.min(seconds, MAX_LIFETIME_SECONDS) * 1000;
  return { value: access_token, expiresAt: clock.epochNow() + lifetimeMs };
}

function tooLate(): FetchFailure {
  return new FetchFailure("timeout", NO_TOKEN);
}

const NO_TOKEN = "The upstream's token could not be fetched.";

/** Encodes an identifier as RFC 6749 §2.3.1 wants it before Basic. */
function encode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
