// Turnstile: a public endpoint can ask for proof that a person's browser is calling.
import * as v from "valibot";
import type { Call } from "./call";
import { HttpError } from "./problem";

/** Cloudflare's limit for a token. */
const MAX_TOKEN_CHARACTERS = 2048;
const VERIFY_TIMEOUT_MS = 5000;

/** What we rely on in the answer of siteverify. */
const Verification = v.object({ success: v.boolean() });

/**
 * Lets holders of a token pass, and callers with a good `Turnstile-Token`. Fails closed: a verifier
 * that cannot be reached proves nothing.
 *
 * @throws HttpError `challenge-failed`
 */
export async function passChallenge({ caller, config, request }: Call): Promise<void> {
  if (caller.kind === "token" || config.turnstile === null) return;
  const token = request.headers.get("Turnstile-Token") ?? "";
  if (token === "" || token.length > MAX_TOKEN_CHARACTERS) {
    throw new HttpError("challenge-failed", "Send the widget's token in a Turnstile-Token header.");
  }
  const { secret, verifyUrl } = config.turnstile;
  const remoteip = request.headers.get("CF-Connecting-IP");
  const form = { secret, response: token, ...(remoteip && { remoteip }) };
  if (!(await isVerified(verifyUrl, form))) {
    throw new HttpError("challenge-failed", "The Turnstile token is wrong, spent or too old.");
  }
}

async function isVerified(url: URL, form: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(form),
      signal: AbortSignal.timeout(VERIFY_TIMEOUT_MS),
    });
    return v.is(v.object({ ...Verification.entries, success: v.literal(true) }), await response.json());
  } catch {
    return false;
  }
}
