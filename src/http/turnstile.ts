// Turnstile: a public endpoint can demand proof that a person's browser is calling.
import { formOf } from "./form";
import type { RequestContext } from "./request-context";
import { HttpError } from "./problem";

/** Characters of a Turnstile token (Cloudflare's limit). */
export const MAX_TOKEN_CHARACTERS = 2048;

const MISSING =
  "Send the widget's token in a Turnstile-Token header, or a form with the widget in it.";
const WRONG = "The Turnstile token is wrong, spent, too old, or of another page or action.";

/** True if the caller must prove to be a person; holders of a bearer token need not. */
function isChallenged({ caller, config }: RequestContext): boolean {
  return caller.kind !== "token" && config.turnstile !== null;
}

/**
 * The `Turnstile-Token` header, or the field that the widget adds to a form.
 *
 * @throws HttpError `challenge-failed` if it is missing or too long
 */
function tokenOf({ request }: RequestContext): string {
  const token = request.headers.get("Turnstile-Token") ?? formOf(request)?.challengeToken ?? "";
  if (token !== "" && token.length <= MAX_TOKEN_CHARACTERS) return token;
  throw new HttpError("challenge-failed", MISSING);
}

/**
 * Refuses a caller without the token it needs, before the body is read, or the fields of a form are looked at.
 *
 * @throws HttpError `challenge-failed`
 */
export function requireChallenge(context: RequestContext): void {
  if (isChallenged(context)) tokenOf(context);
}

/**
 * Verifies the caller's token, which spends it. Called last, once the request is known to be valid and no
 * repeat. Fails closed: if the verifier cannot be reached, nothing is proven.
 *
 * @throws HttpError `challenge-failed`
 */
export async function passChallenge(context: RequestContext): Promise<void> {
  if (!isChallenged(context)) return;
  const { config, origin, request } = context;
  // Few requests need what sends requests.
  const { verifyChallenge } = await import("../runtime/siteverify");
  const ownHost = new URL(origin).hostname;
  const challenge = {
    token: tokenOf(context),
    remoteip: request.headers.get("CF-Connecting-IP"),
    isOurs: (hostname: string) => hostname === ownHost || config.origins.hasHost(hostname),
  };
  if (await verifyChallenge(challenge, config)) return;
  throw new HttpError("challenge-failed", WRONG);
}
