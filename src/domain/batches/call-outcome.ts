// Judges a batch item by the receipt of its call.
import { parseRetryAfter } from "../../lib/retry-delay";
import type { CallResult } from "../calls/external-api";
import { isStorable, type Attempt } from "../jobs/job";
import { RETRYABLE_STATUSES } from "../outgoing/outgoing-fetch";
import { failed } from "./item-failure";

/** Failures that are transient: a further attempt may succeed. */
const RETRYABLE_FAILURES = new Set(["timeout", "network", "cancelled"]);
/** Milliseconds that a Retry-After may delay a single item; an upstream may name days. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** Milliseconds that headers ask to wait, or null. */
type WaitOf = (headers: Readonly<Record<string, string>>) => number | null;

/** The wait that the headers of a response ask for. */
export function askedWait(now: number): WaitOf {
  return (headers) => parseRetryAfter(headers["retry-after"] ?? null, now);
}

/**
 * The attempt that a receipt describes. An ok response succeeded, whatever became of its body; a host that asks for
 * patience refused; anything else failed.
 *
 * @param isOnce true if a repeat may have its effect a second time
 */
export function judgeCall(result: CallResult, isOnce: boolean, waitOf: WaitOf): Attempt {
  return result.status === "fulfilled"
    ? judgeResponse(result, waitOf)
    : judgeFailure(result, isOnce);
}

function judgeResponse(
  result: Extract<CallResult, { status: "fulfilled" }>,
  waitOf: WaitOf,
): Attempt {
  const { http_status, headers } = result;
  if (result.ok) return { status: "succeeded", output: fitted(result) };
  const waitMs = waitOf(headers);
  const error = {
    code: "upstream-status" as const,
    detail: `The upstream answered ${http_status}.`,
    http_status,
    headers,
  };
  const isFlowControl = http_status === 429 || (http_status === 503 && waitMs !== null);
  if (isFlowControl) return { status: "refused", error, waitMs };
  const isFinal = !RETRYABLE_STATUSES.has(http_status);
  return failed(error, { isFinal, retryAfterMs: Math.min(waitMs ?? 0, MAX_RETRY_AFTER_MS) });
}

function judgeFailure(
  result: Extract<CallResult, { status: "rejected" }>,
  isOnce: boolean,
): Attempt {
  const { error } = result;
  const { http_status, headers }: Answered = Object(result);
  const hasWorked = http_status !== undefined && http_status >= 200 && http_status < 300;
  // The upstream has done it: only its answer is not to be had.
  if (hasWorked && error.code === "response-too-large")
    return { status: "succeeded", output: { ...result, ...OMITTED } };
  if (hasWorked && isOnce) return { status: "succeeded", output: result };
  const answered = {
    ...(http_status !== undefined && { http_status }),
    ...(headers && { headers }),
  };
  return failed({ ...error, ...answered }, { isFinal: !RETRYABLE_FAILURES.has(error.code) });
}

/** What a rejected call tells of a response that arrived. */
interface Answered {
  readonly http_status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const OMITTED = { body: null, body_omitted: "too-large" } as const;

/** The receipt, without a body that is too large to keep. */
function fitted(result: CallResult): unknown {
  return isStorable(JSON.stringify(result)) ? result : { ...result, ...OMITTED };
}

/** The output of a call without its body, where a batch keeps no further ones. */
export function withoutBody(output: unknown): unknown {
  return { ...Object(output), ...OMITTED };
}
