// Turnstile: a public endpoint can ask for proof that a person's browser is calling.
import { verifyChallenge } from "../runtime/siteverify";
import type { Call } from "./call";
import { HttpError } from "./problem";

/** Cloudflare's limit for a token. */
const MAX_TOKEN_CHARACTERS = 2048;

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
  if (token === null) return;
  if (await verifyChallenge(token, call.request.headers.get("CF-Connecting-IP"), call.config))
    return;
  throw new HttpError("challenge-failed", "The Turnstile token is wrong, spent or too old.");
}
