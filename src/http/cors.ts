// Which pages may call from a browser, and what they may see (the Fetch standard's CORS protocol).
// The headers go on every response: a page that cannot read a 404 cannot tell what went wrong.
import type { Call } from "./call";
import { HttpError } from "./problem";

/** What this API reads. Allowed whether a preflight asks for them or not: its answer is kept for others. */
const READ_HEADERS =
  "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Turnstile-Token";
/** Names between commas (RFC 9110 §5.1), as browsers ask for them. */
const NAMES = /^[\w!#$%&'*+.^`|~-]+(?: ?, ?[\w!#$%&'*+.^`|~-]+)*$/;
const MAX_NAMES_CHARACTERS = 2000;
/** What a page may read of any response, as the header that says so. */
export const EXPOSED_HEADERS: [string, string] = [
  "Access-Control-Expose-Headers",
  "Location, Link, Retry-After, ETag, Request-Id, Idempotency-Replayed, Preference-Applied, Server-Timing, RateLimit-Policy",
];
/** Browsers cap this: Chromium at 2 hours, Firefox at 24. */
const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/** The methods a page may send to any path. */
const METHODS = "GET, HEAD, POST, PATCH, DELETE";

/**
 * What a preflight is told besides. An origin that is not allowed is told nothing, which refuses it. Any
 * other may send what headers it likes: tracing adds its own, and we ignore those that we do not know.
 */
export function preflightHeaders({
  allowedOrigin,
  request,
}: Pick<Call, "allowedOrigin" | "request">): Record<string, string> {
  const Vary = "Origin, Access-Control-Request-Headers";
  if (allowedOrigin === null) return { Vary };
  const asked = request.headers.get("Access-Control-Request-Headers")?.trim() ?? "";
  const isReadable = asked.length <= MAX_NAMES_CHARACTERS && NAMES.test(asked);
  return {
    Vary,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": isReadable ? `${READ_HEADERS}, ${asked}` : READ_HEADERS,
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
