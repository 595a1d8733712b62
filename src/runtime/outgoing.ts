// Outgoing requests on this runtime: its `fetch`, its clock, and the host policy of this deployment.
import { Budget, MAX_QUERY_STEPS } from "../domain/json-query/budget";
import type { Outgoing } from "../domain/outgoing/outgoing-fetch";
import type { CallContext } from "../domain/calls/run-call";
import type { Config } from "../env";
import { systemClock } from "./clock";
import { Semaphore } from "../lib/semaphore";
import { decompress } from "./decompress";
import { responseCache } from "./response-cache";
import type { TablesEnv } from "./tables";
import { createGate } from "./upstream-gates";

/**
 * Surroundings for the outgoing requests of one invocation, which share its connections.
 *
 * @param allows decides which URLs may be called; for those that the operator configured, all
 */
export function createOutgoing(
  { limits }: Pick<Config, "limits">,
  allows: Outgoing["allows"] = () => true,
): Outgoing {
  return {
    fetch: (url, init) => fetch(url, init),
    clock: systemClock,
    random: Math.random,
    allows,
    slots: new Semaphore(limits.fanOutConnections),
    decompress,
  };
}

/** Steps of all `select` expressions of one invocation: twenty of the most expensive would take seconds. */
const MAX_INVOCATION_QUERY_STEPS = 6 * MAX_QUERY_STEPS;

/** Hosts under which this isolate was called: a deployment has several, each of which leads back to it. */
const ownHosts = new Set<string>();
/** Enough for any deployment but one that answers for every name of a zone. */
const MAX_OWN_HOSTS = 100;

function ownHostsWith(origin: string, publicUrl: string | null): readonly string[] {
  const { host } = new URL(origin);
  if (ownHosts.size < MAX_OWN_HOSTS) ownHosts.add(host);
  return [host, ...ownHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).host])];
}

/** Particulars of the calls' request. */
export interface CallOptions {
  readonly env: TablesEnv;
  /** The address of a caller without a token; null for holders of one. */
  readonly caller: string | null;
  /** Takes one of the requests that all calls may send together; without it they are not counted. */
  readonly takeRequest?: Outgoing["takeRequest"];
}

/**
 * Context for the calls of one invocation, under the host policy.
 *
 * @param origin under which the Worker was called, so that no call leads back to it
 * @param ctx of the invocation
 */
export function createCallContext(
  config: Config,
  origin: string,
  ctx: Pick<ExecutionContext, "waitUntil">,
  { env, caller, takeRequest }: CallOptions,
): CallContext {
  const own = ownHostsWith(origin, config.publicUrl);
  return {
    outgoing: {
      ...createOutgoing(config, (url) => config.hosts.allows(url, ...own)),
      ...(takeRequest && { takeRequest }),
    },
    cache: { ...responseCache, keepAlive: (work) => ctx.waitUntil(work) },
    callTimeoutMs: config.limits.callTimeoutMs,
    queries: new Budget(MAX_INVOCATION_QUERY_STEPS),
    gateOf: (upstream) => createGate(env, upstream, caller),
  };
}
