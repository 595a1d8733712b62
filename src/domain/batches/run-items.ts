// Attempts of batch items, each through the very code of the single call.
import * as v from "valibot";
import { CallItem, isEndpointOperation, type EndpointOperation } from "./batch-operations";
import { DomainError } from "../errors";
import type { CallResult } from "../calls/external-api";
import type { ItemFailure } from "./batch";
import { ItemCode } from "./item-code";
import { itemId } from "./item-id";
import { storable, type Attempt, type DueItem, type Made } from "../jobs/job";
import { Budget, MAX_QUERY_STEPS } from "../json-query/budget";
import { runItem, runPipeline, type Pipeline, type RunOptions } from "../operations";
import { FetchFailure, PASSING_STATUSES } from "../outgoing/outgoing-fetch";
import { prepareCall } from "../calls/prepare-call";
import { IDEMPOTENT_METHODS, MAX_REDIRECTS, runCall, type CallContext } from "../calls/run-call";
import { CreateTask, withPendingNotifications } from "../records/tasks";
import { CreateUser } from "../records/users";
import { readConfig, type Config } from "../../env";
import { Reporter } from "../jobs/reporter";
import { systemClock } from "../../lib/clock";
import { startDeadline } from "../../lib/deadline";
import { mapConcurrently } from "../../lib/map-concurrently";
import { nextTurn } from "../../runtime/next-turn";
import { parseRetryAfter } from "../../lib/retry-delay";
import { createCallContext } from "../../runtime/outgoing";
import { readAsset } from "../../runtime/assets";
import type { BatchWork } from "./job-record";
import { createEmailChecker } from "../../runtime/email-checker";
import { fileTask } from "../records/file-task";
import { signUp } from "../records/sign-up";
import { REQUESTS_PER_INVOCATION } from "../platform";

/** One attempt at one item, whatever it does. */
const ITEM_TIMEOUT_MS = 60_000;
/** What items may send in one invocation: some are left to what serves them, such as DNS. */
export const MAX_REQUESTS_PER_INVOCATION = REQUESTS_PER_INVOCATION - 5;
/** What may be different at the next attempt. */
const PASSING_FAILURES = new Set(["timeout", "network", "cancelled"]);
/** An upstream may ask for more patience than a batch has. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/** An attempt, or null where the invocation's budget is used up: the item stays due. */
type RunItem = (due: DueItem) => Promise<Attempt | null>;

/** What a run of items is part of. */
export interface RunContext {
  readonly env: Env;
  readonly ctx: Pick<ExecutionContext, "waitUntil">;
  /** Takes what was made so far, once, and says whether further items may be started. */
  readonly report: (made: Made) => Promise<boolean>;
}

/**
 * Attempts items that are calls of an endpoint, as many at once as the batch wants, until a report says
 * that no more are wanted. Rejects only where a report does.
 *
 * @returns what was not reported
 */
export async function runEndpointItems(
  work: BatchWork,
  due: readonly DueItem[],
  { env, ctx, report }: RunContext,
): Promise<Made> {
  if (!isEndpointOperation(work.operation)) throw new TypeError("Not an operation of an endpoint");
  const { config } = readConfig(env);
  const run = RUNNERS[work.operation](work, { env, ctx }, config);
  const reporter = new Reporter(report, systemClock);
  await mapConcurrently(due, work.options.concurrency, async (item) => {
    const attempt = (await reporter.isWanted()) ? await attemptItem(run, item) : null;
    if (attempt !== null) reporter.note(item.index, attempt);
  });
  return reporter.end();
}

async function attemptItem(run: RunItem, item: DueItem): Promise<Attempt | null> {
  try {
    const attempt = await run(item);
    return attempt && storable(attempt);
  } catch (error) {
    return toAttempt(error, item.index);
  }
}

const RUNNERS: Record<
  EndpointOperation,
  (work: BatchWork, runtime: Omit<RunContext, "report">, config: Config) => RunItem
> = {
  users: (work, { env }) => {
    // One for all, so that together they hold no more connections than an invocation has.
    const checkEmail = createEmailChecker(env);
    return async ({ index, item }) => {
      const id = await itemId(work.id, work.createdAt, index);
      const user = await signUp(v.parse(CreateUser, item), id, env, checkEmail);
      return { status: "succeeded", output: user };
    };
  },

  tasks:
    (work, { env }, config) =>
    async ({ index, item }) => {
      const id = await itemId(work.id, work.createdAt, index);
      const task = await fileTask(v.parse(CreateTask, item), id, env, config);
      return { status: "succeeded", output: withPendingNotifications(task) };
    },

  "external-api": (work, { ctx }, config) => {
    const budget = createRequestBudget(createCallContext(config, work.origin, ctx));
    const named = { upstreams: config.upstreams, hasToken: work.hasToken };
    return async ({ index, item }) => {
      // The batch does the repeating, unless the item asks for its own.
      const parsed = v.parse(CallItem, item);
      const request = { ...parsed, retries: parsed.retries ?? 0 };
      const call = prepareCall(request, request.id ?? String(index), `#/items/${index}`, named);
      if ("pointer" in call) throw new DomainError("invalid-body", call.detail);
      const share = budget.take(MAX_REDIRECTS + 1 + request.retries);
      if (share === null) return null;
      const receipt = await runWithin(call, share.context).finally(share.giveBack);
      // What may have had its effect is done twice only where the batch says so.
      const isOnce =
        work.options.max_attempts === undefined && !IDEMPOTENT_METHODS.has(request.method);
      return fromReceipt(receipt, isOnce);
    };
  },
};

async function runWithin(
  call: Parameters<typeof runCall>[0],
  context: CallContext,
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const reason = () =>
    new FetchFailure("timeout", `The item was not done after ${ITEM_TIMEOUT_MS} ms.`);
  const deadline = startDeadline(ITEM_TIMEOUT_MS, { clock, reason });
  // An item fails alone: a dear expression costs no other its own.
  const alone = { ...context, queries: new Budget(MAX_QUERY_STEPS) };
  return runCall(call, alone, deadline, clock.now()).finally(deadline.clear);
}

/**
 * Shares out the invocation's requests, redirects and retries included. A call starts only once its
 * share is set aside, so that each one started comes to an end: calls that took requests from each other
 * could all be cut off, in this invocation and in every further one.
 */
function createRequestBudget(context: CallContext) {
  let free = MAX_REQUESTS_PER_INVOCATION;
  const take = (share: number) => {
    if (share > free) return null;
    free -= share;
    let left = share;
    const send: CallContext["outgoing"]["fetch"] = async (url, init) => {
      // Beyond its share, a call may have what nobody else has a claim to.
      if (left > 0) left -= 1;
      else if (free > 0) free -= 1;
      else throw new FetchFailure("cancelled", "The invocation may send no further request.");
      return context.outgoing.fetch(url, init);
    };
    const giveBack = () => {
      free += left;
      left = 0;
    };
    return { context: { ...context, outgoing: { ...context.outgoing, fetch: send } }, giveBack };
  };
  return { take };
}

/** An ok call has succeeded; anything else failed, with the receipt for whoever looks into it. */
function fromReceipt(result: CallResult, isOnce: boolean): Attempt {
  if (result.status === "fulfilled" && result.ok) return { status: "succeeded", output: result };
  if (result.status === "rejected") {
    const isFinal = isOnce || !PASSING_FAILURES.has(result.error.code);
    return failed({ ...result.error, receipt: result }, { isFinal });
  }
  const detail = `The upstream answered ${result.http_status}.`;
  const isFinal = isOnce || !PASSING_STATUSES.has(result.http_status);
  const asked = parseRetryAfter(result.headers["retry-after"] ?? null, Date.now());
  const retryAfterMs = Math.min(asked ?? 0, MAX_RETRY_AFTER_MS);
  return failed({ code: "upstream-status", detail, receipt: result }, { isFinal, retryAfterMs });
}

/** A failed attempt, whose code is one of the table. */
function failed(
  error: ItemFailure,
  rest: Omit<Extract<Attempt, { status: "failed" }>, "status" | "error"> = { isFinal: true },
): Attempt {
  return { status: "failed", error, ...rest };
}

/** A refusal is final; anything unexpected may pass, and its text stays in the log. */
function toAttempt(error: unknown, index: number): Attempt {
  if (error instanceof DomainError && v.is(ItemCode, error.code)) {
    const { message: detail, code } = error;
    const { errors, extensions } = error.options;
    const inBatch = errors?.map((fault) => ({
      pointer: fault.pointer.replace("#", `#/items/${index}`),
      detail: fault.detail,
    }));
    return failed({ ...extensions, code, detail, ...(inBatch && { errors: inBatch }) });
  }
  console.error(JSON.stringify({ level: "error", event: "item", error: String(error) }));
  return failed({ code: "internal", detail: "The item failed unexpectedly." }, {});
}

/** An item that is run alone has this share of the work that a whole request may ask for. */
const ITEM_SHARE = 4;

/**
 * Attempts items of a pipeline, all in one go: its operations are pure and need no connections. Where they
 * take too much together, one after another, each reported, until a report says that no more are wanted.
 * Never rejects.
 *
 * @returns what was not reported
 */
export async function runPipelineItems(
  pipeline: Pipeline,
  due: readonly DueItem[],
  env: Env,
  report: (made: Made) => boolean,
): Promise<Made> {
  const items = due.map(({ item }) => item);
  const options = { pause: nextTurn, readTable: (name: string) => readAsset(env, name) };
  try {
    return withIndexes(due, await runTogether(pipeline, items, options));
  } catch {
    // A fault of ours on one of them, or all that they take together, is no reason to fail the others.
    for (const item of due) {
      const attempt = await runAlone(pipeline, item, { ...options, sharedBy: ITEM_SHARE });
      if (!report([[item.index, attempt]])) break;
    }
    return [];
  }
}

function withIndexes(due: readonly DueItem[], attempts: readonly Attempt[]): Made {
  return due.flatMap(({ index }, at) => {
    const attempt = attempts[at];
    return attempt === undefined ? [] : [[index, attempt] as const];
  });
}

async function runAlone(
  pipeline: Pipeline,
  { index, item }: DueItem,
  options: RunOptions,
): Promise<Attempt> {
  try {
    const outcome = await runItem(pipeline, item, options);
    if (outcome.ok) return storable({ status: "succeeded", output: outcome.output });
    const { code, detail } = outcome;
    return failed({ code, detail });
  } catch (error) {
    return toAttempt(error, index);
  }
}

async function runTogether(
  pipeline: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
): Promise<Attempt[]> {
  const outcome = await runPipeline(pipeline, items, options);
  const outputs = "processed_items" in outcome ? outcome.processed_items : [];
  const attempts: Attempt[] = outputs.map((output) => storable({ status: "succeeded", output }));
  for (const { index, code, detail } of outcome.errors) {
    attempts[index] = failed({ code, detail });
  }
  return attempts;
}
