// The table of all refusals, and their form on the wire: problem details (RFC 9457).
import { DomainError, type DomainCode } from "../domain/errors";
import { heldIn } from "../lib/held-json";
import { toByteStream } from "./byte-stream";
import { jsonStream } from "./reply";

/** Codes of refusals by the HTTP layer. */
type HttpCode =
  | "body-too-large"
  | "challenge-failed"
  | "internal"
  | "loop-detected"
  | "malformed-json"
  | "malformed-request"
  | "method-not-allowed"
  | "not-found"
  | "origin-not-allowed"
  | "rate-limited"
  | "unauthorized"
  | "unsupported-media-type";

/** Code of a refusal, by the domain or by the HTTP layer. */
export type ProblemCode = DomainCode | HttpCode;

/** A row of the table. */
export interface ProblemType {
  readonly status: number;
  readonly title: string;
  /** Headers that every reply with this problem has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * All refusals, by code. `/problems/<code>`, the OpenAPI document and the replies are derived from this
 * table.
 */
export const problems = {
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
  },
  "malformed-request": {
    status: 400,
    title: "The request cannot be read",
  },
  unauthorized: {
    status: 401,
    title: "A valid token is needed",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  "origin-not-allowed": {
    status: 403,
    title: "This origin may not call",
  },
  "challenge-failed": {
    status: 403,
    title: "The challenge was not passed",
  },
  "not-found": {
    status: 404,
    title: "There is nothing here",
  },
  "method-not-allowed": {
    status: 405,
    title: "This path does not take that method",
  },
  "email-taken": {
    status: 409,
    title: "The e-mail is already registered",
  },
  "wrong-state": {
    status: 409,
    title: "That cannot be done in this state",
  },
  "idempotency-in-progress": {
    status: 409,
    title: "The first request with this key is still running",
  },
  gone: {
    status: 410,
    title: "What this was for is no more",
  },
  "precondition-failed": {
    status: 412,
    title: "The resource has changed",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
  },
  "unsupported-media-type": {
    status: 415,
    title: "This media type is not taken",
  },
  "invalid-body": {
    status: 422,
    title: "The body does not fit the schema",
  },
  "undeliverable-email": {
    status: 422,
    title: "The e-mail cannot receive mail",
  },
  "idempotency-mismatch": {
    status: 422,
    title: "The key was used for a different request",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
  },
  "quota-exceeded": {
    status: 429,
    title: "The budget of this day is spent",
  },
  internal: {
    status: 500,
    title: "The server failed",
  },
  "upstream-failed": {
    status: 502,
    title: "The upstreams did not answer as asked",
  },
  unavailable: {
    status: 503,
    title: "This cannot be had for now",
  },
  "loop-detected": {
    status: 508,
    title: "A call came back to where it was made",
  },
} as const satisfies Record<ProblemCode, ProblemType>;

/** A refusal by the HTTP layer. `detail` and `headers` are sent to the caller. */
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

/** A problem before the origin and the request id are added. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * Converts a thrown value into a problem. Only messages of our own refusals reach the caller; anything else
 * becomes a 500 without detail.
 */
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
 * The reply of a problem (RFC 9457 §3.1). `type` is the address of the page that explains it.
 *
 * @param caller origin and id of the request, which the document contains
 */
export function problemReply(
  { origin, requestId }: { origin: string; requestId: string },
  { code, detail, headers, members }: Problem,
) {
  const { status, title, headers: usual }: ProblemType = problems[code];
  const results = members["results"];
  const isHeld = Array.isArray(results) && results.some(heldIn);
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
    content: isHeld ? toByteStream(jsonStream(document)) : JSON.stringify(document),
  };
}
