// Calls of /external-api for tests: prepared ones, their surroundings, and what upstreams answer.
import * as v from "valibot";
import { CallRequest } from "../../src/domain/calls/external-api";
import { Budget, MAX_QUERY_STEPS } from "../../src/domain/json-query/budget";
import type { PreparedCall } from "../../src/domain/calls/prepare-call";
import type { CallContext } from "../../src/domain/calls/run-call";
import { createUpstream, UpstreamsSettings, type Upstream } from "../../src/domain/calls/upstreams";
import { fakeCache } from "./fake-cache";
import type { FakeOutgoing } from "./fake-outgoing";

/** A call of https://up.example/ unless said otherwise. */
export function preparedCall(
  fields: Record<string, unknown> = {},
  upstream?: Upstream,
): PreparedCall {
  const request = v.parse(CallRequest, { url: "https://up.example/", ...fields });
  const url = new URL(request.url ?? "https://up.example/");
  return { id: request.id ?? "0", request, url, upstream };
}

/** A named upstream at https://up.example. */
export function upstreamOf(
  settings: Record<string, unknown> = {},
  secrets: Record<string, string> = {},
): Upstream {
  const all = v.parse(UpstreamsSettings, {
    sample: { base_url: "https://up.example", ...settings },
  });
  if (all["sample"] === undefined) throw new Error("No settings");
  return createUpstream("sample", all["sample"], (name) => secrets[name]);
}

/** Surroundings with an empty cache; an attempt has 1 s. */
export function callContext(outgoing: FakeOutgoing): CallContext {
  return {
    outgoing,
    cache: fakeCache(),
    callTimeoutMs: 1000,
    queries: new Budget(MAX_QUERY_STEPS),
    gateOf: () => {
      throw new Error("No upstream here has a quota or a token");
    },
  };
}

/** A response in JSON. */
export function json(value: unknown, { status = 200, headers = {} } = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}
