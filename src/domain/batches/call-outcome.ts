// Judges a batch item by the receipt of its call.
import type { CallResult } from "../calls/call-result";
import { isStorable, type Attempt } from "../jobs/job";
import type { LaneOutcome } from "../jobs/lanes";
import { askedDelay, isTransient } from "../outgoing/retries";
import { failed } from "./item-failure";

/** Failures that are transient: a further attempt may succeed. */
const RETRYABLE_FAILURES: ReadonlySet<string> = new Set(["timeout", "network", "cancelled"]);
/** Milliseconds that a single item waits at most because a response asked for it; an upstream may name days. */
const MAX_ASKED_MS = 60 * 60_000;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;
const OMITTED = { body: null, body_omitted: "too-large" } as const;

/**
 * The attempt that a receipt describes. An ok response succeeded, whatever became of its body; a host that asks for
 * patience refused; anything else failed.
 *
 * @param isOnce true if a repeat may have its effect a second time
 * @param now milliseconds since 1970 UTC
 */
export function judgeCall(result: CallResult, isOnce: boolean, now: number): Attempt {
  return result.status === "fulfilled" ? judgeResponse(result, now) : judgeFailure(result, isOnce);
}

function judgeResponse(result: Extract<CallResult, { status: "fulfilled" }>, now: number): Attempt {
  const { http_status: status, headers } = result;
  if (result.ok) return { status: "succeeded", output: fitted(result) };
  const head = { status, headers: new Headers(headers) };
  const waitMs = askedDelay(head, now);
  const detail = `The upstream answered ${status}.`;
  const error = { code: "upstream-status" as const, detail, http_status: status, headers };
  if (status === TOO_MANY_REQUESTS || (status === UNAVAILABLE && waitMs !== null))
    return { status: "refused", error, waitMs };
  const retryAfterMs = Math.min(waitMs ?? 0, MAX_ASKED_MS);
  return failed(error, { isFinal: !isTransient(head), retryAfterMs });
}

function judgeFailure(
  result: Extract<CallResult, { status: "rejected" }>,
  isOnce: boolean,
): Attempt {
  const { error, http_status, headers, attempts } = result;
  // The upstream's own quota, which a later attempt may find new: a host that asks for patience is no other case.
  if (error.code === "quota-exceeded")
    return { status: "refused", error, waitMs: null, isUnsent: attempts === 0 };
  const hasWorked = http_status !== undefined && http_status >= 200 && http_status < 300;
  // The upstream has carried the request out; only its answer was too large to be read.
  if (hasWorked && error.code === "response-too-large")
    return { status: "succeeded", output: { ...result, ...OMITTED } };
  if (hasWorked && isOnce) return { status: "succeeded", output: result };
  const answered = {
    ...(http_status !== undefined && { http_status }),
    ...(headers && { headers }),
  };
  return failed({ ...error, ...answered }, { isFinal: !RETRYABLE_FAILURES.has(error.code) });
}

/** The receipt, without a body that is too large to keep. */
function fitted(result: CallResult): unknown {
  return isStorable(result) ? result : { ...result, ...OMITTED };
}

/** The outcome of a call without the body of what succeeded, where that cannot be kept. */
export function withoutBody(outcome: LaneOutcome): LaneOutcome {
  const { attempt } = outcome;
  if (attempt?.status !== "succeeded") return outcome;
  return { ...outcome, attempt: { ...attempt, output: { ...Object(attempt.output), ...OMITTED } } };
}
