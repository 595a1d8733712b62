// Identifies callers by their token, and checks their access to a route.
import type { Config } from "../env";
import type { RequestContext, Caller } from "./request-context";
import { HttpError } from "./problem";

/**
 * Access to a route: anyone, holders of a token, holders of a signed link (which the handler checks: no origin,
 * challenge or budget counts beside it), or anyone while PUBLIC_ENDPOINTS contains this name. A name is an
 * endpoint's as soon as a POST route has it.
 */
export type Access = "open" | "token" | "link" | (string & {});

const ANONYMOUS: Caller = { kind: "anonymous", hasWrongToken: false };
const GUESSING: Caller = { kind: "anonymous", hasWrongToken: true };
const encoder = new TextEncoder();

/**
 * The caller by the `Authorization` header: with one of our bearer tokens (RFC 6750 §2.1), or with a wrong
 * one.
 */
export function identify(authorization: string | null, tokens: Config["tokens"]): Caller {
  if (authorization === null) return ANONYMOUS;
  const presented = encoder.encode(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
  let found: Caller = GUESSING;
  // Every token is compared, and in constant time, so that the response time reveals nothing about any of
  // them.
  for (const token of tokens) if (isEqual(presented, token.bytes)) found = { kind: "token", token };
  return found;
}

function isEqual(presented: Uint8Array, token: Uint8Array): boolean {
  // `timingSafeEqual` throws on unequal lengths. Comparing the token with itself takes the same time.
  const isSameLength = presented.byteLength === token.byteLength;
  return crypto.subtle.timingSafeEqual(isSameLength ? presented : token, token) && isSameLength;
}

/**
 * Checks the caller's access.
 *
 * @throws HttpError `unauthorized` if it does not suffice
 */
export function authorize(context: RequestContext, access: Access): void {
  if (context.caller.kind === "token" || access === "open" || access === "link") return;
  if (access !== "token" && context.config.publicEndpoints.has(access)) return;
  throw new HttpError("unauthorized", "Send a token: `Authorization: Bearer <token>`.");
}
