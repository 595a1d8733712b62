// POST /external-api: calls up to twenty APIs at once, and answers with a receipt for each.
import * as v from "valibot";
import { invalidBody, type Fault } from "../../domain/errors";
import {
  CallRequest,
  callOfUrl,
  ExternalApiReply,
  ExternalApiRequest,
  CallResult,
  MAX_CALLS,
} from "../../domain/calls/external-api";
import type { Payer } from "../../domain/callers/buy-calls";
import { enforcePolicy, startCalls, type RunningCalls } from "../../domain/calls/fan-out";
import { prepareCall, type PreparedCall } from "../../domain/calls/prepare-call";

import type { RequestContext } from "../../http/request-context";
import { accepts, jsonChunks, jsonStream, Reply, TextStream } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { heldIn } from "../../lib/held-json";
import { inOrderOfArrival } from "../../lib/in-order-of-arrival";
import { faultsOfTemplates } from "../../domain/calls/templates";
import { payerOf } from "../../http/admission";
import { addressGroup } from "../../http/limits";
import { jsonPointer } from "../../lib/json-pointer";
import { createRunElsewhere } from "../../runtime/further-calls";
import { createCallContext } from "../../runtime/outgoing";
import { RequestCounter } from "../../runtime/request-counter";
import { callersIn } from "../../runtime/tables";

/** Calls the APIs; with `Accept: application/x-ndjson` it streams each receipt as it arrives. */
export const externalApiRoute = defineRoute({
  operationId: "externalApi",
  method: "POST",
  path: "/external-api",
  access: "external-api",
  callsOut: true,
  admitsItself: true,
  body: ExternalApiRequest,
  reply: { status: 200, schema: ExternalApiReply, mediaTypes: ["application/x-ndjson"] },
  problems: ["upstream-failed"],
  problemMembers: v.object({ results: v.array(CallResult) }),
  moreFaults: (body, context) => upstreamFaults(Object(body).requests, context),
  handler: async ({ body, admit }, context) => {
    const { policy } = body;
    const timeoutMs = body.timeout_ms ?? context.config.limits.requestTimeoutMs;
    const calls = await prepareAll(body, context);
    await admit({ calls: calls.length });
    const payer = payerIn(context);
    const counter = new RequestCounter(context.config.limits.subrequests, calls.length, payer);
    const deps = createFanOutDeps(context, counter);
    const running = startCalls(calls, { policy, timeoutMs }, deps, context.request.signal);
    if (payer !== null) context.ctx.waitUntil(running.done.then(() => counter.settle()));
    if (accepts(context.request.headers, "application/x-ndjson"))
      return new Reply(new TextStream("application/x-ndjson", lines(running), running.cancel), {});
    const results = await Promise.all(running.results);
    enforcePolicy(policy, results);
    const reply = { policy, ...running.summarize(results), results };
    return results.some(heldIn) ? new Reply(jsonStream(reply), {}) : reply;
  },
});

/** Pays for requests; null if nobody has to. */
function payerIn(context: RequestContext): Payer | null {
  const { config, env } = context;
  const [caller, budgets] = [payerOf(context), config.anonymousDaily];
  if (caller === undefined || budgets === null) return null;
  const table = callersIn(env);
  return { caller, budgets, spend: (...spending) => table.spend(...spending), now: Date.now };
}

/** Dependencies of the calls of one request. */
function createFanOutDeps(
  { config, origin, ctx, env, caller, request }: RequestContext,
  counter: RequestCounter,
) {
  const address = addressGroup(request.headers.get("CF-Connecting-IP") ?? "");
  const about = { origin, caller: caller.kind === "token" ? null : address };
  return {
    context: createCallContext(config, origin, ctx, {
      env,
      caller: about.caller,
      takeRequest: counter.take,
    }),
    callsHere: config.limits.fanOutConnections,
    runElsewhere: createRunElsewhere(ctx, about, counter),
  };
}

async function prepareAll(
  { urls, requests }: ExternalApiRequest,
  context: RequestContext,
): Promise<PreparedCall[]> {
  const list = requests ?? (urls ?? []).map(callOfUrl);
  const prepared = list.map((request, index) => prepare(request, index, context));
  const errors = prepared.flatMap((entry) => ("length" in entry ? entry : []));
  for (const [index, request] of list.entries())
    if (request.after !== undefined) errors.push(...(await templateFaults(request, index)));
  if (errors.length > 0) throw invalidBody(errors);
  return prepared.filter((entry): entry is PreparedCall => "url" in entry);
}

function prepare(request: CallRequest, index: number, { config, caller }: RequestContext) {
  const named = { upstreams: config.upstreams, hasToken: caller.kind === "token" };
  return prepareCall(request, request.id ?? String(index), `#/requests/${index}`, named);
}

async function templateFaults(request: CallRequest, index: number): Promise<Fault[]> {
  const faults = await faultsOfTemplates(request);
  return faults.map(({ keys, detail }) => ({
    pointer: jsonPointer(["requests", index, ...keys]),
    detail,
  }));
}

/**
 * Faults of the upstreams that valid calls name, in a body with other faults. The handler finds them in a
 * valid body.
 */
function upstreamFaults(requests: unknown, context: RequestContext): Fault[] {
  if (!Array.isArray(requests)) return [];
  return requests.slice(0, MAX_CALLS).flatMap((request: unknown, index) => {
    const parsed = v.safeParse(CallRequest, request);
    if (!parsed.success) return [];
    const prepared = prepare(parsed.output, index, context);
    return "length" in prepared ? prepared : [];
  });
}

/**
 * Yields results as they arrive, then the summary, each as a line. If the reader stops early, the remaining calls are
 * cancelled.
 */
async function* lines(running: RunningCalls): AsyncGenerator<string> {
  const results: CallResult[] = [];
  try {
    for await (const result of inOrderOfArrival(running.results)) {
      results.push(result);
      yield* jsonChunks(result, "\n");
    }
    yield `${JSON.stringify(running.summarize(results))}\n`;
  } finally {
    running.cancel();
  }
}
