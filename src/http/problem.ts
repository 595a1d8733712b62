// Every refusal, in one table, and its form on the wire: problem details (RFC 9457).
import { DomainError, type DomainCode } from "../domain/errors";

/** Codes that the transport utters. */
type HttpCode =
  | "body-too-large"
  | "challenge-failed"
  | "internal"
  | "malformed-json"
  | "malformed-request"
  | "method-not-allowed"
  | "not-found"
  | "origin-not-allowed"
  | "rate-limited"
  | "unauthorized"
  | "unsupported-media-type";

export type ProblemCode = DomainCode | HttpCode;

/** One row of the table. */
export interface ProblemType {
  readonly status: number;
  readonly title: string;
  /** For the page at `/problems/<code>`: what it means and what to do. */
  readonly explanation: string;
  /** Headers that always go with it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one table. `/problems/<code>`, the OpenAPI document and the replies are made from it. */
export const problems = {
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    explanation: "The body must be one JSON value in UTF-8 (RFC 8259). Check quotes and commas.",
  },
  "malformed-request": {
    status: 400,
    title: "The request cannot be read",
    explanation:
      "A query parameter, a cursor or a header has a form that cannot be read. Cursors are opaque: pass them on as they came.",
  },
  unauthorized: {
    status: 401,
    title: "A valid token is needed",
    explanation:
      "Send `Authorization: Bearer <token>` with one of the tokens in API_TOKENS, or list the endpoint in PUBLIC_ENDPOINTS.",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  "origin-not-allowed": {
    status: 403,
    title: "This origin may not call",
    explanation: "A page called from an origin that is not listed in ALLOWED_ORIGINS.",
  },
  "challenge-failed": {
    status: 403,
    title: "The challenge was not passed",
    explanation:
      "Turnstile is on: send its token in a `Turnstile-Token` header. A token is good once, for five minutes; fetch a new one from the widget.",
  },
  "not-found": {
    status: 404,
    title: "There is nothing here",
    explanation: "The path or the id is unknown. It may have been deleted, or have expired.",
  },
  "method-not-allowed": {
    status: 405,
    title: "This path does not take that method",
    explanation: "The `Allow` header lists the methods that this path takes.",
  },
  "email-taken": {
    status: 409,
    title: "The e-mail is already registered",
    explanation:
      "A user with this e-mail exists, perhaps in another spelling (case, Unicode form, IDN).",
  },
  "wrong-state": {
    status: 409,
    title: "That cannot be done in this state",
    explanation:
      "For example, a finished batch cannot be cancelled. Read the resource to see its state.",
  },
  "idempotency-in-progress": {
    status: 409,
    title: "The first request with this key is still running",
    explanation: "Repeat the same request after the seconds in `Retry-After`.",
  },
  "precondition-failed": {
    status: 412,
    title: "The resource has changed",
    explanation:
      "`If-Match` names another version. Read it again, apply the change, send the new ETag.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    explanation: "A body may have 1 MiB, and 10 MiB for /batch-process. Send less, or in parts.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "This media type is not taken",
    explanation: "Send `Content-Type: application/json`, in UTF-8 and without a Content-Encoding.",
  },
  "invalid-body": {
    status: 422,
    title: "The body does not fit the schema",
    explanation: "`errors` lists what is wrong and where. /openapi.json has the schema.",
  },
  "undeliverable-email": {
    status: 422,
    title: "The e-mail cannot receive mail",
    explanation: "Its domain has no mail server, does not exist, or offers disposable addresses.",
  },
  "idempotency-mismatch": {
    status: 422,
    title: "The key was used for a different request",
    explanation:
      "An Idempotency-Key belongs to one request for 24 hours. Use a new key for a new request.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    explanation: "Wait for the seconds in `Retry-After`.",
  },
  internal: {
    status: 500,
    title: "The server failed",
    explanation: "This is our fault. The log has the cause under the request id.",
  },
  "upstream-failed": {
    status: 502,
    title: "The upstreams did not answer as asked",
    explanation:
      "With the policy `all` every call must succeed, with `any` at least one. `results` tells of each call.",
  },
} as const satisfies Record<ProblemCode, ProblemType>;

/** A refusal by the transport. `detail` and `headers` reach the caller. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpCode, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.code = code;
    this.headers = headers;
  }
}

/** A problem as it goes out, before the origin and the request id are known. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Turns anything thrown into a problem. Only our own sentences pass; the rest is a bare 500. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof HttpError) {
    return { code: thrown.code, detail: thrown.message, headers: thrown.headers, members: {} };
  }
  if (thrown instanceof DomainError) {
    const { errors, extensions, retryAfterSeconds } = thrown.options;
    return {
      code: thrown.code,
      detail: thrown.message,
      headers: retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) },
      members: { ...(errors && { errors }), ...extensions },
    };
  }
  return {
    code: "internal",
    detail: "The server failed. The log has the cause under this request id.",
    headers: {},
    members: {},
  };
}

/**
 * The reply that a problem makes (RFC 9457 §3.1). `type` is the address of the page that explains it.
 *
 * @param caller where the problem arose: its origin and request id stand in the document
 */
export function problemReply(
  { origin, requestId }: { origin: string; requestId: string },
  { code, detail, headers, members }: Problem,
) {
  const { status, title, headers: usual }: ProblemType = problems[code];
  const document = {
    type: `${origin}/problems/${code}`,
    title,
    status,
    detail,
    code,
    request_id: requestId,
    ...members,
  };
  return {
    status,
    headers: { "Content-Type": "application/problem+json", ...usual, ...headers },
    content: JSON.stringify(document),
  };
}
