// Runs batch items that are calls of /external-api.
import * as v from "valibot";
import { startDeadline } from "../../lib/deadline";
import { parseRetryAfter } from "../../lib/retry-delay";
import type { CallResult } from "../calls/external-api";
import { prepareCall, type NamedUpstreams } from "../calls/prepare-call";
import { IDEMPOTENT_METHODS, MAX_REDIRECTS, runCall, type CallContext } from "../calls/run-call";
import { DomainError } from "../errors";
import type { Attempt, DueItem } from "../jobs/job";
import { Budget, MAX_QUERY_STEPS } from "../json-query/budget";
import { FetchFailure, RETRYABLE_STATUSES } from "../outgoing/outgoing-fetch";
import { CallItem } from "./batch-operations";
import { fillTemplate } from "./call-template";
import { failed } from "./item-failure";
import type { BatchWork } from "./job-record";
import { createRequestBudget } from "./request-budget";

/** Milliseconds for one attempt at an item, with its redirects and own retries. */
const ITEM_TIMEOUT_MS = 60_000;
/** Failures that are transient: a further attempt may succeed. */
const RETRYABLE_FAILURES = new Set(["timeout", "network", "cancelled"]);
/** Milliseconds that a Retry-After may delay an item; an upstream may name days. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** Context of the calls, and the named upstreams. */
export interface CallDeps {
  /** Context of the invocation that makes the calls. */
  readonly context: CallContext;
  readonly upstreams: NamedUpstreams["upstreams"];
}

/**
 * Creates a function that attempts a call; it returns null, and the item stays due, if the invocation's
 * requests are used up.
 */
export function createCallRunner(
  { hasToken, options, template }: BatchWork,
  { context, upstreams }: CallDeps,
): (due: DueItem) => Promise<Attempt | null> {
  const budget = createRequestBudget(context);
  const named = { upstreams, hasToken };
  return async ({ index, item }) => {
    // The batch itself retries items, so a call is not retried within an attempt, unless the item sets
    // `retries`.
    const body = template === undefined ? item : fillTemplate(template, Object(item));
    const parsed = v.parse(CallItem, body);
    const request = { ...parsed, retries: parsed.retries ?? 0 };
    const call = prepareCall(request, request.id ?? String(index), `#/items/${index}`, named);
    if ("pointer" in call) throw new DomainError("invalid-body", call.detail);
    const share = budget.take(MAX_REDIRECTS + 1 + request.retries);
    if (share === null) return null;
    const receipt = await runWithin(call, share.context).finally(share.giveBack);
    // A call with another method may have had an effect although it failed, so it is repeated only if the
    // batch sets `max_attempts`.
    const isOnce = options.max_attempts === undefined && !IDEMPOTENT_METHODS.has(request.method);
    return fromReceipt(receipt, isOnce, context.outgoing.clock.epochNow());
  };
}

async function runWithin(
  call: Parameters<typeof runCall>[0],
  context: CallContext,
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const reason = () =>
    new FetchFailure("timeout", `The item was not done after ${ITEM_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(ITEM_TIMEOUT_MS, { clock, reason });
  // Each item has its own budget for `select`, so that an expensive expression fails that item alone.
  const alone = { ...context, queries: new Budget(MAX_QUERY_STEPS) };
  return runCall(call, alone, deadline, clock.now()).finally(deadline.clear);
}

/**
 * The attempt that a receipt describes: an ok response succeeded, anything else failed and carries the
 * receipt as detail.
 */
function fromReceipt(result: CallResult, isOnce: boolean, now: number): Attempt {
  if (result.status === "fulfilled" && result.ok) return { status: "succeeded", output: result };
  if (result.status === "rejected") {
    const isFinal = isOnce || !RETRYABLE_FAILURES.has(result.error.code);
    return failed({ ...result.error, receipt: result }, { isFinal });
  }
  const detail = `The upstream answered ${result.http_status}.`;
  const isFinal = isOnce || !RETRYABLE_STATUSES.has(result.http_status);
  const asked = parseRetryAfter(result.headers["retry-after"] ?? null, now);
  const retryAfterMs = Math.min(asked ?? 0, MAX_RETRY_AFTER_MS);
  return failed({ code: "upstream-status", detail, receipt: result }, { isFinal, retryAfterMs });
}
