// Turnstile: a public endpoint can ask for proof that a person's browser is calling.
import * as v from "valibot";
import { FetchFailure, sendRequest } from "../domain/outgoing/outgoing-fetch";
import { startDeadline } from "../lib/deadline";
import { createOutgoing } from "../runtime/outgoing";
import type { Call } from "./call";
import { HttpError } from "./problem";

/** Cloudflare's limit for a token. */
const MAX_TOKEN_CHARACTERS = 2048;
const VERIFY_TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** The only answer of siteverify that lets a call pass. */
const Success = v.pipe(v.string(), v.parseJson(), v.object({ success: v.literal(true) }));

/**
 * The `Turnstile-Token` of a caller who needs one, or null: holders of a token do not.
 *
 * @throws HttpError `challenge-failed`
 */
export function challengeToken({ caller, config, request }: Call): string | null {
  if (caller.kind === "token" || config.turnstile === null) return null;
  const token = request.headers.get("Turnstile-Token") ?? "";
  if (token !== "" && token.length <= MAX_TOKEN_CHARACTERS) return token;
  throw new HttpError("challenge-failed", "Send the widget's token in a Turnstile-Token header.");
}

/**
 * Has the caller's token verified, which spends it: so this comes last, once the request is known to be
 * right and no repeat. Fails closed: a verifier that cannot be reached proves nothing.
 *
 * @throws HttpError `challenge-failed`
 */
export async function passChallenge(call: Call): Promise<void> {
  const token = challengeToken(call);
  const { turnstile } = call.config;
  if (token === null || turnstile === null) return;
  if (await isVerified(token, turnstile, call)) return;
  throw new HttpError("challenge-failed", "The Turnstile token is wrong, spent or too old.");
}

const tooLate = () => new FetchFailure("timeout", "The verifier did not answer in time.");

async function isVerified(
  response: string,
  { secret, verifyUrl }: NonNullable<Call["config"]["turnstile"]>,
  { config, request }: Call,
): Promise<boolean> {
  const outgoing = createOutgoing(config);
  const deadline = startDeadline(VERIFY_TIMEOUT_MS, { clock: outgoing.clock, reason: tooLate });
  const remoteip = request.headers.get("CF-Connecting-IP");
  const { result } = await sendRequest(
    {
      url: verifyUrl,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret, response, ...(remoteip && { remoteip }) }),
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
