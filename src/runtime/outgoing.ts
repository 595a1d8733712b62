// Outgoing requests on this runtime: its `fetch`, its clock, and the host policy of this deployment.
import { Budget, MAX_QUERY_STEPS } from "../domain/json-query/budget";
import type { Outgoing } from "../domain/outgoing/outgoing-fetch";
import type { CallContext } from "../domain/calls/run-call";
import type { Config } from "../env";
import { systemClock } from "./clock";
import { Semaphore } from "../lib/semaphore";
import { responseCache } from "./response-cache";

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
  };
}

/** Steps of all `select` expressions of one invocation: twenty of the most expensive would take seconds. */
const MAX_INVOCATION_QUERY_STEPS = 6 * MAX_QUERY_STEPS;

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
): CallContext {
  const ownHost = new URL(origin).host;
  return {
    outgoing: createOutgoing(config, (url) => config.hosts.allows(url, ownHost)),
    cache: { ...responseCache, keepAlive: (work) => ctx.waitUntil(work) },
    callTimeoutMs: config.limits.callTimeoutMs,
    queries: new Budget(MAX_INVOCATION_QUERY_STEPS),
  };
}
