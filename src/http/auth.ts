// Who is calling, and whether that suffices for a route.
import type { Config } from "../env";
import type { Call, Caller } from "./call";
import { HttpError } from "./problem";

/**
 * Who may use a route: anyone, holders of a token, or anyone while PUBLIC_ENDPOINTS holds this name. A
 * name is an endpoint's as soon as a POST route has it.
 */
export type Access = "open" | "token" | (string & {});

const ANONYMOUS: Caller = { kind: "anonymous", hasWrongToken: false };
const GUESSING: Caller = { kind: "anonymous", hasWrongToken: true };
const encoder = new TextEncoder();

/** The caller by its `Authorization` header: a token is one of our bearer tokens (RFC 6750 §2.1) or wrong. */
export function identify(authorization: string | null, tokens: Config["tokens"]): Caller {
  if (authorization === null) return ANONYMOUS;
  const presented = encoder.encode(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
  let found: Caller = GUESSING;
  // All tokens are compared, each in constant time, so that the time taken says nothing of any.
  for (const token of tokens) if (isEqual(presented, token.bytes)) found = { kind: "token", token };
  return found;
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
