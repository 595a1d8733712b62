// Which pages may call from a browser, and what they may see (the Fetch standard's CORS protocol).
// The headers go on every response: a page that cannot read a 404 cannot tell what went wrong.
import type { Call } from "./call";
import { HttpError } from "./problem";

const ALLOWED_REQUEST_HEADERS =
  "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Turnstile-Token";
/** What a page may read of any response, as the header that says so. */
export const EXPOSED_HEADERS: [string, string] = [
  "Access-Control-Expose-Headers",
  "Location, Link, Retry-After, ETag, Request-Id, Idempotency-Replayed, Preference-Applied, Server-Timing, RateLimit-Policy",
];
/** Browsers cap this: Chromium at 2 hours, Firefox at 24. */
const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/** The methods a page may send to any path. */
const METHODS = "GET, HEAD, POST, PATCH, DELETE";

/** What a preflight is told besides. An origin that is not allowed is told nothing, which refuses it. */
export function preflightHeaders({
  allowedOrigin,
}: Pick<Call, "allowedOrigin">): Record<string, string> {
  if (allowedOrigin === null) return {};
  return {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": ALLOWED_REQUEST_HEADERS,
    "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_SECONDS),
  };
}

/** Whether this is the browser's question before the call (Fetch §3.2.2). */
export function isPreflight({ request }: Pick<Call, "request">): boolean {
  return request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method");
}

/** Refuses a page's call without a token from an origin that is neither ours nor listed. */
export function refuseForeignOrigin({ request, allowedOrigin, caller }: Call): void {
  if (allowedOrigin !== null || caller.kind === "token" || !request.headers.has("Origin")) return;
  throw new HttpError(
    "origin-not-allowed",
    "Pages of this origin may not call. List the origin in ALLOWED_ORIGINS.",
  );
}
