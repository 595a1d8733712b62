// Reasons why a request to another server got no usable response.

/** Code of such a reason. */
export type FailureCode =
  | "timeout"
  | "network"
  | "host-not-allowed"
  | "too-many-redirects"
  | "response-too-large"
  | "unsupported-encoding"
  | "subrequest-limit"
  | "quota-exceeded"
  | "cancelled";

/** Beginning of a response whose body could not be used. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

/**
 * A request that got no usable response. `message` may be shown to the caller: it contains no text from the
 * upstream.
 */
export class FetchFailure extends Error {
  override readonly name = "FetchFailure";
  readonly code: FailureCode;
  /** The response that had arrived when the request failed; null if none had. */
  readonly head: ResponseHead | null;

  constructor(code: FailureCode, detail: string, head: ResponseHead | null = null) {
    super(detail);
    this.code = code;
    this.head = head;
  }
}

/** Words of the runtime for a request beyond those that the plan grants an invocation. */
const TOO_MANY_REQUESTS = /too many subrequests/i;
/** Words of the runtime for a body that is not in the content coding it decodes; a cut one ends "prematurely". */
const NOT_DECODABLE = /decompression failed/i;

/**
 * Converts a thrown error into a failure with a text of ours: the runtime's own texts say little and may
 * quote addresses.
 *
 * @param head of the latest response that had arrived
 */
export function toFailure(
  error: unknown,
  signal: AbortSignal,
  head: ResponseHead | null = null,
): FetchFailure {
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof FetchFailure) {
    return head === null ? cause : new FetchFailure(cause.code, cause.message, head);
  }
  if (signal.aborted) return new FetchFailure("cancelled", "The caller went away.", head);
  if (TOO_MANY_REQUESTS.test(String(error))) return overSubrequests(head);
  if (NOT_DECODABLE.test(String(error))) return undecodable(head);
  return new FetchFailure(
    "network",
    "The connection failed or closed before a whole response.",
    head,
  );
}

/** The failure of a body whose content coding leaves it unread. */
export function undecodable(head: ResponseHead | null = null): FetchFailure {
  return new FetchFailure(
    "unsupported-encoding",
    "The body has a Content-Encoding that is unknown here or does not decode.",
    head,
  );
}

/** The failure of a request that would exceed what one invocation may send. */
export function overSubrequests(head: ResponseHead | null = null): FetchFailure {
  return new FetchFailure(
    "subrequest-limit",
    "All requests that one request may send are used, redirects and retries included: ask in parts, or raise SUBREQUESTS.",
    head,
  );
}
