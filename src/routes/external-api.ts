// POST /external-api: up to twenty calls at once, each with its receipt.
import * as v from "valibot";
import { invalidBody, type Fault } from "../domain/errors";
import {
  CallRequest,
  ExternalApiReply,
  ExternalApiRequest,
  CallResult,
} from "../domain/external-api";
import { enforcePolicy, startCalls, type RunningCalls } from "../domain/fan-out";
import { prepareCall, type PreparedCall } from "../domain/prepare-call";
import type { Call } from "../http/call";
import { accepts, ndjson, Reply } from "../http/reply";
import { defineRoute } from "../http/route";
import { inOrderOfArrival } from "../lib/in-order-of-arrival";
import { createCallContext } from "../outgoing";

export const externalApiRoute = defineRoute({
  operationId: "externalApi",
  method: "POST",
  path: "/external-api",
  summary: "Call many APIs at once",
  description:
    "Up to 20 calls start at once, six wait for their response headers at a time. One that fails never fails the others: each has its receipt, in request order. With `Accept: application/x-ndjson` each receipt is a line as soon as it is there, and the last line is the summary; the policy then only decides what is cancelled.",
  access: "external-api",
  body: ExternalApiRequest,
  reply: { status: 200, schema: ExternalApiReply, mediaTypes: ["application/x-ndjson"] },
  problems: ["upstream-failed"],
  problemMembers: v.object({ results: v.array(CallResult) }),
  handler: async ({ body }, call) => {
    const { policy } = body;
    const timeoutMs = body.timeout_ms ?? call.config.limits.requestTimeoutMs;
    const calls = prepareAll(body, call);
    const running = startCalls(
      calls,
      { policy, timeoutMs },
      createCallContext(call.config, call.origin),
      call.request.signal,
    );
    if (accepts(call.request.headers, "application/x-ndjson"))
      return new Reply(ndjson(stream(running), running.cancel), {});
    const results = await Promise.all(running.results);
    enforcePolicy(policy, results);
    return { policy, ...running.summarize(results), results };
  },
});

function prepareAll({ urls, requests }: ExternalApiRequest, call: Call): PreparedCall[] {
  const list = requests ?? (urls ?? []).map((url) => v.parse(CallRequest, { url }));
  const named = { upstreams: call.config.upstreams, hasToken: call.caller.kind === "token" };
  const prepared = list.map((request, index) =>
    prepareCall(request, request.id ?? String(index), `#/requests/${index}`, named),
  );
  const errors = prepared.filter((entry): entry is Fault => "pointer" in entry);
  if (errors.length > 0) throw invalidBody(errors);
  return prepared.filter((entry): entry is PreparedCall => "url" in entry);
}

/** Results as they arrive, then the summary. Calls still under way end with the reader. */
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
