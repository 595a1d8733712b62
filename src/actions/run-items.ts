// Attempts of batch items, each through the very code of the single call.
import * as v from "valibot";
import { CallItem, isEndpointOperation, type EndpointOperation } from "../domain/batch-operations";
import { DomainError } from "../domain/errors";
import type { CallResult } from "../domain/external-api";
import { itemId } from "../domain/item-id";
import { storable, type Attempt, type DueItem } from "../domain/job";
import { runPipeline, type Pipeline } from "../domain/operations";
import { FetchFailure } from "../domain/outgoing-fetch";
import { prepareCall } from "../domain/prepare-call";
import { runCall, type CallContext } from "../domain/run-call";
import { CreateTask, withPendingNotifications } from "../domain/tasks";
import { CreateUser } from "../domain/users";
import { readConfig, type Config } from "../env";
import { startDeadline } from "../lib/deadline";
import { mapConcurrently } from "../lib/map-concurrently";
import { nextTurn } from "../lib/next-turn";
import { createCallContext } from "../outgoing";
import type { BatchWork } from "../storage/job-store";
import { fileTask } from "./file-task";
import { signUp } from "./sign-up";

/** One attempt at one item, whatever it does. */
const ITEM_TIMEOUT_MS = 60_000;
/** Below the free plan's 50 outgoing requests an invocation, with room for those of the platform. */
export const MAX_REQUESTS_PER_INVOCATION = 45;
/** What may be different at the next attempt. */
const PASSING_FAILURES = new Set(["timeout", "network", "cancelled"]);
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

type RunItem = (due: DueItem) => Promise<Attempt>;

/** Attempts items that are calls of an endpoint, as many at once as the batch wants. Never rejects. */
export async function runEndpointItems(
  work: BatchWork,
  due: readonly DueItem[],
  env: Env,
): Promise<Attempt[]> {
  if (!isEndpointOperation(work.operation)) throw new TypeError("Not an operation of an endpoint");
  const { config } = readConfig(env);
  const run = RUNNERS[work.operation](work, env, config);
  return mapConcurrently(due, work.options.concurrency, async (item) => {
    try {
      return storable(await run(item));
    } catch (error) {
      return toAttempt(error);
    }
  });
}

const RUNNERS: Record<EndpointOperation, (work: BatchWork, env: Env, config: Config) => RunItem> = {
  users:
    (work, env, config) =>
    async ({ index, item }) => {
      const id = await itemId(work.id, work.createdAt, index);
      return {
        status: "succeeded",
        output: await signUp(v.parse(CreateUser, item), id, env, config),
      };
    },

  tasks:
    (work, env, config) =>
    async ({ index, item }) => {
      const id = await itemId(work.id, work.createdAt, index);
      const task = await fileTask(v.parse(CreateTask, item), id, env, config);
      return { status: "succeeded", output: withPendingNotifications(task) };
    },

  "external-api": (work, _, config) => {
    const { context, isExhausted } = withRequestBudget(createCallContext(config, work.origin));
    const named = { upstreams: config.upstreams, hasToken: work.hasToken };
    return async ({ index, item }) => {
      if (isExhausted()) return { status: "deferred" };
      // The batch does the repeating, unless the item asks for its own.
      const request = { retries: 0, ...v.parse(CallItem, item) };
      const call = prepareCall(request, request.id ?? String(index), `#/items/${index}`, named);
      if ("pointer" in call) throw new DomainError("invalid-body", call.detail);
      const result = await runWithin(call, context);
      return isExhausted() && result.status === "rejected"
        ? { status: "deferred" }
        : fromReceipt(result);
    };
  },
};

async function runWithin(
  call: Parameters<typeof runCall>[0],
  context: CallContext,
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const reason = new FetchFailure("timeout", `The item was not done after ${ITEM_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(ITEM_TIMEOUT_MS, { clock, reason });
  return runCall(call, context, deadline, clock.now()).finally(deadline.clear);
}

/** Counts outgoing requests, redirects and retries included, and sends none beyond the budget. */
function withRequestBudget(context: CallContext) {
  let left = MAX_REQUESTS_PER_INVOCATION;
  let isExhausted = false;
  const outgoing: CallContext["outgoing"] = {
    ...context.outgoing,
    fetch: async (url, init) => {
      isExhausted ||= left === 0;
      if (isExhausted)
        throw new FetchFailure("cancelled", "The invocation may send no further request.");
      left -= 1;
      return context.outgoing.fetch(url, init);
    },
  };
  return { context: { ...context, outgoing }, isExhausted: () => isExhausted };
}

/** An ok call has succeeded; anything else failed, with the receipt for whoever looks into it. */
function fromReceipt(result: CallResult): Attempt {
  if (result.status === "fulfilled" && result.ok) return { status: "succeeded", output: result };
  if (result.status === "rejected") {
    const isFinal = !PASSING_FAILURES.has(result.error.code);
    return { status: "failed", error: { ...result.error, receipt: result }, isFinal };
  }
  const detail = `The upstream answered ${result.http_status}.`;
  const error = { code: "upstream-status", detail, receipt: result };
  return { status: "failed", error, isFinal: !PASSING_STATUSES.has(result.http_status) };
}

/** A refusal is final; anything unexpected may pass, and its text stays in the log. */
function toAttempt(error: unknown): Attempt {
  if (error instanceof DomainError) {
    return { status: "failed", error: { code: error.code, detail: error.message }, isFinal: true };
  }
  console.error(JSON.stringify({ level: "error", event: "item", error: String(error) }));
  return { status: "failed", error: { code: "internal", detail: "The item failed unexpectedly." } };
}

/** Attempts items of a pipeline, all in one go: its operations are pure and need no connections. */
export async function runPipelineItems(
  pipeline: Pipeline,
  due: readonly DueItem[],
): Promise<Attempt[]> {
  const items = due.map(({ item }) => item);
  const outcome = await runPipeline(pipeline, items, { pause: nextTurn });
  const outputs = "processed_items" in outcome ? outcome.processed_items : [];
  const attempts: Attempt[] = outputs.map((output) => storable({ status: "succeeded", output }));
  for (const { index, code, detail } of outcome.errors) {
    attempts[index] = { status: "failed", error: { code, detail }, isFinal: true };
  }
  return attempts;
}
