// Runs batch items that are calls of /external-api.
import * as v from "valibot";
import { startDeadline } from "../../lib/deadline";
import type { CallRequest, CallResult } from "../calls/external-api";
import { prepareCall, type NamedUpstreams, type PreparedCall } from "../calls/prepare-call";
import { IDEMPOTENT_METHODS, runCall, type CallContext } from "../calls/run-call";
import { DomainError } from "../errors";
import type { DueItem } from "../jobs/job";
import type { LaneOutcome } from "../jobs/lanes";
import { Budget, MAX_QUERY_STEPS } from "../json-query/budget";
import { FetchFailure } from "../outgoing/outgoing-fetch";
import { CallItem } from "./batch-operations";
import { fillTemplate } from "./call-template";
import { judgeCall } from "./call-outcome";
import type { BatchWork } from "./job-record";
import type { RequestBudget } from "./request-budget";

/** Milliseconds for one attempt at an item, with its redirects. */
const ITEM_TIMEOUT_MS = 60_000;

/** Context of the calls of one invocation. */
export interface CallDeps {
  readonly context: CallContext;
  readonly upstreams: NamedUpstreams["upstreams"];
  /** The key under which a call is sent that may be repeated: the same at each attempt. */
  readonly keyOf: (index: number) => Promise<string>;
}

/** Creates a function that attempts a call. */
export function createCallRunner(
  { hasToken, template }: BatchWork,
  { context, upstreams, keyOf }: CallDeps,
  budget: RequestBudget,
): (due: DueItem) => Promise<LaneOutcome> {
  const named = { upstreams, hasToken };
  return async ({ index, item }) => {
    // The job repeats items, by its own rules; an attempt sends one request.
    const body = template === undefined ? item : fillTemplate(template, Object(item));
    const request = { ...v.parse(CallItem, body), retries: 0 };
    const call = prepareCall(request, request.id ?? String(index), `#/items/${index}`, named);
    if ("length" in call) throw new DomainError("invalid-body", call[0]?.detail ?? "");
    const isOnce = !IDEMPOTENT_METHODS.has(request.method);
    const isKeyed = isOnce && call.upstream?.takesIdempotencyKey !== false;
    const sent = isKeyed ? { ...call, request: await withKey(request, index, keyOf) } : call;
    const counted = budget.counting(context.outgoing.fetch);
    const receipt = await runWithin(sent, context, counted.fetch);
    const requests = counted.sent();
    // Cut off by the invocation's limit: it is sent again by another one, which reserves more.
    if (counted.isShared()) return { attempt: null, requests };
    const { clock } = context.outgoing;
    return { attempt: judgeCall(receipt, isOnce, clock.epochNow()), requests };
  };
}

/** The request with an Idempotency-Key, unless the caller has set one. */
async function withKey(
  request: CallRequest,
  index: number,
  keyOf: CallDeps["keyOf"],
): Promise<CallRequest> {
  const { headers } = request;
  if (Object.keys(headers).some((name) => name.toLowerCase() === "idempotency-key")) return request;
  return { ...request, headers: { ...headers, "Idempotency-Key": await keyOf(index) } };
}

async function runWithin(
  call: PreparedCall,
  context: CallContext,
  fetch: CallContext["outgoing"]["fetch"],
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const reason = () =>
    new FetchFailure("timeout", `The item was not done after ${ITEM_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(ITEM_TIMEOUT_MS, { clock, reason });
  // Each item has its own budget for `select`, so that an expensive expression fails that item alone.
  const alone = {
    ...context,
    outgoing: { ...context.outgoing, fetch },
    queries: new Budget(MAX_QUERY_STEPS),
  };
  return runCall(call, alone, deadline, clock.now()).finally(deadline.clear);
}
