// The Fetch standard's CORS protocol: which pages may call from a browser, and what they may read. The
// headers are on every response, since a page that cannot read a 404 cannot tell what went wrong.
import type { RequestContext } from "./request-context";
import { isForm } from "./form";
import { HttpError } from "./problem";

/**
 * Header fields that this API reads. Always allowed, whichever a preflight asks for, since browsers cache its
 * answer for other requests.
 */
const READ_HEADERS =
  "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer, Turnstile-Token";
/** Header names separated by commas (RFC 9110 §5.1), as browsers send them. */
const NAMES = /^[\w!#$%&'*+.^`|~-]+(?: ?, ?[\w!#$%&'*+.^`|~-]+)*$/;
const MAX_NAMES_CHARACTERS = 2000;
/** The response headers that a page may read, as the header that allows it. */
export const EXPOSED_HEADERS: [string, string] = [
  "Access-Control-Expose-Headers",
  "Location, Link, Retry-After, ETag, Request-Id, Idempotency-Replayed, Preference-Applied, Server-Timing, RateLimit-Policy",
];
/** Seconds for which a browser may cache a preflight. Chromium caps it at 2 hours, Firefox at 24. */
const PREFLIGHT_MAX_AGE_SECONDS = 86_400;

/** Methods that a page may send to any path. */
const METHODS = "GET, HEAD, POST, PATCH, DELETE";

/**
 * Headers of the answer to a preflight. An origin that is not allowed gets none, which refuses it. Any other
 * may send additional headers: tracing tools add their own, and the API ignores those it does not know.
 */
export function preflightHeaders({
  allowedOrigin,
  request,
}: Pick<RequestContext, "allowedOrigin" | "request">): Record<string, string> {
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

/** True for a CORS preflight (Fetch §3.2.2). */
export function isPreflight({ request }: Pick<RequestContext, "request">): boolean {
  return request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method");
}

/**
 * Refuses a page's call without a token from an origin that is neither ours nor listed. A form must name its
 * origin, since a browser sends it without asking by a preflight, and names it unless the page hides it.
 *
 * @throws HttpError `origin-not-allowed`
 */
export function refuseForeignOrigin(context: RequestContext): void {
  const { request, allowedOrigin, caller, config } = context;
  if (allowedOrigin !== null || caller.kind === "token") return;
  if (request.headers.has("Origin")) {
    throw new HttpError(
      "origin-not-allowed",
      "Pages of this origin may not call. List the origin in ALLOWED_ORIGINS.",
    );
  }
  if (isForm(context) && !config.origins.isAny) {
    throw new HttpError(
      "origin-not-allowed",
      "The form names no Origin. A page with Referrer-Policy: no-referrer or same-origin hides it; JSON needs Content-Type: application/json.",
    );
  }
}
