// The runtime's side of the one way out: its `fetch`, its clock, and the policy of this deployment.
import { Budget, MAX_QUERY_STEPS } from "../domain/json-query/budget";
import type { Outgoing } from "../domain/outgoing/outgoing-fetch";
import type { CallContext } from "../domain/calls/run-call";
import type { Config } from "../env";
import { systemClock } from "./clock";
import { Semaphore } from "../lib/semaphore";
import { responseCache } from "./response-cache";

/**
 * A way out for one invocation, whose requests share its connections.
 *
 * @param allows which URLs may be called; all, for what the operator configured
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

/** Of all `select` expressions together: twenty of the dearest would take seconds. */
const MAX_INVOCATION_QUERY_STEPS = 6 * MAX_QUERY_STEPS;

/**
 * What the calls of one invocation need, under the host policy.
 *
 * @param origin under which the Worker was called: its own host is no target
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
