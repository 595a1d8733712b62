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
import { enforcePolicy, startCalls, type RunningCalls } from "../../domain/calls/fan-out";
import { prepareOrFaults, type PreparedCall } from "../../domain/calls/prepare-call";
import type { RequestContext } from "../../http/request-context";
import { accepts, ndjson, Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { inOrderOfArrival } from "../../lib/in-order-of-arrival";
import { createCallContext } from "../../runtime/outgoing";

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
    const calls = prepareAll(body, context);
    await admit({ calls: calls.length });
    const running = startCalls(
      calls,
      { policy, timeoutMs },
      createCallContext(context.config, context.origin, context.ctx),
      context.request.signal,
    );
    if (accepts(context.request.headers, "application/x-ndjson"))
      return new Reply(ndjson(stream(running), running.cancel), {});
    const results = await Promise.all(running.results);
    enforcePolicy(policy, results);
    return { policy, ...running.summarize(results), results };
  },
});

function prepareAll(
  { urls, requests }: ExternalApiRequest,
  context: RequestContext,
): PreparedCall[] {
  const list = requests ?? (urls ?? []).map(callOfUrl);
  const prepared = list.map((request, index) => prepare(request, index, context));
  const errors = prepared.flatMap((entry) => ("length" in entry ? entry : []));
  if (errors.length > 0) throw invalidBody(errors);
  return prepared.filter((entry): entry is PreparedCall => "url" in entry);
}

function prepare(request: CallRequest, index: number, { config, caller }: RequestContext) {
  const named = { upstreams: config.upstreams, hasToken: caller.kind === "token" };
  return prepareOrFaults(request, request.id ?? String(index), `#/requests/${index}`, named);
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
 * Yields results as they arrive, then the summary. If the reader stops early, the remaining calls are
 * cancelled.
 */
async function* stream(running: RunningCalls): AsyncGenerator<readonly unknown[]> {
  const results: CallResult[] = [];
  try {
    for await (const result of inOrderOfArrival(running.results)) {
      results.push(result);
      yield [result];
    }
    yield [running.summarize(results)];
  } finally {
    running.cancel();
  }
}
