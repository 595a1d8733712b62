// Turnstile: a public endpoint can ask for proof that a person's browser is calling.
import { verifyChallenge } from "../runtime/siteverify";
import type { Call } from "./call";
import { HttpError } from "./problem";

/** Cloudflare's limit for a token. */
const MAX_TOKEN_CHARACTERS = 2048;

const MISSING = "Send the widget's token in a Turnstile-Token header.";
const WRONG = "The Turnstile token is wrong, spent, too old, or of another page or action.";

/** Whether a caller has to prove to be a person. Holders of a token do not. */
function isChallenged({ caller, config }: Call): boolean {
  return caller.kind !== "token" && config.turnstile !== null;
}

/** The `Turnstile-Token` header. @throws HttpError `challenge-failed` for none, or what cannot be one */
function tokenOf({ request }: Call): string {
  const token = request.headers.get("Turnstile-Token") ?? "";
  if (token !== "" && token.length <= MAX_TOKEN_CHARACTERS) return token;
  throw new HttpError("challenge-failed", MISSING);
}

/**
 * Refuses a caller who has to send a token and does not, before anything of the request is read.
 *
 * @throws HttpError `challenge-failed`
 */
export function requireChallenge(call: Call): void {
  if (isChallenged(call)) tokenOf(call);
}

/**
 * Has the caller's token verified, which spends it: so this comes last, once the request is known to be
 * right and no repeat. Fails closed: a verifier that cannot be reached proves nothing.
 *
 * @throws HttpError `challenge-failed`
 */
export async function passChallenge(call: Call): Promise<void> {
  if (!isChallenged(call)) return;
  const { config, origin, request } = call;
  const ownHost = new URL(origin).hostname;
  const challenge = {
    token: tokenOf(call),
    remoteip: request.headers.get("CF-Connecting-IP"),
    isOurs: (hostname: string) => hostname === ownHost || config.origins.hasHost(hostname),
  };
  if (await verifyChallenge(challenge, config)) return;
  throw new HttpError("challenge-failed", WRONG);
}
