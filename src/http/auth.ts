// Who is calling, and whether that suffices for a route.
import type { Config, Endpoint } from "../env";
import type { Call, Caller } from "./call";
import { HttpError } from "./problem";

/** Who may use a route: anyone, anyone while the endpoint is public, or holders of a token. */
export type Access = "open" | "token" | Endpoint;

const ANONYMOUS: Caller = { kind: "anonymous" };
const encoder = new TextEncoder();

/**
 * Who sent this `Authorization` header.
 *
 * @throws HttpError `unauthorized` for anything but one of our bearer tokens (RFC 6750 §2.1): a wrong
 * token is a mistake worth telling, also where none is needed.
 */
export function identify(authorization: string | null, tokens: Config["tokens"]): Caller {
  if (authorization === null) return ANONYMOUS;
  const presented = encoder.encode(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
  let found = -1;
  // All tokens are compared, each in constant time, so that the time taken says nothing of any.
  tokens.forEach((token, index) => {
    if (isEqual(presented, token)) found = index;
  });
  if (found === -1) throw new HttpError("unauthorized", "The token is not valid.");
  return { kind: "token", index: found };
}

function isEqual(presented: Uint8Array, token: Uint8Array): boolean {
  // timingSafeEqual throws on unequal lengths. Comparing the token with itself keeps the time.
  const isSameLength = presented.byteLength === token.byteLength;
  return crypto.subtle.timingSafeEqual(isSameLength ? presented : token, token) && isSameLength;
}

/** @throws HttpError `unauthorized` when this caller may not use a route with this access. */
export function authorize(call: Call, access: Access): void {
  if (call.caller.kind === "token" || access === "open") return;
  if (access !== "token" && call.config.publicEndpoints.has(access)) return;
  throw new HttpError("unauthorized", "Send a token: `Authorization: Bearer <token>`.");
}
