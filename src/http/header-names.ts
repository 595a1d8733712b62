// Names of the header fields that routes may use in their definitions. src/reference/openapi-headers.ts
// describes each.

/** Header fields of requests. */
export type RequestHeaderName =
  | "Idempotency-Key"
  | "If-Match"
  | "If-None-Match"
  | "Last-Event-ID"
  | "Prefer"
  | "Turnstile-Token";

/** Header fields of replies. */
export type ReplyHeaderName =
  | "Accept"
  | "Cache-Control"
  | "Content-Disposition"
  | "Content-Security-Policy"
  | "Cross-Origin-Opener-Policy"
  | "Cross-Origin-Resource-Policy"
  | "ETag"
  | "Idempotency-Replayed"
  | "Link"
  | "Location"
  | "Preference-Applied"
  | "RateLimit-Policy"
  | "Referrer-Policy"
  | "Request-Id"
  | "Retry-After"
  | "Server-Timing"
  | "WWW-Authenticate";
