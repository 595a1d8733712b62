// What outgoing calls need, from the runtime and the configuration of one request.
import type { CallContext } from "../domain/run-call";
import type { Call } from "../http/call";
import { systemClock } from "../lib/clock";
import { Semaphore } from "../lib/semaphore";
import { responseCache } from "../storage/response-cache";

/** The surroundings of one request's calls. They share six connections, as the platform has it. */
export function createCallContext({ config, origin }: Pick<Call, "config" | "origin">): CallContext {
  const ownHost = new URL(origin).host;
  return {
    outgoing: {
      fetch: (url, init) => fetch(url, init),
      clock: systemClock,
      random: Math.random,
      allows: (url) => config.hosts.allows(url, ownHost),
      slots: new Semaphore(config.limits.fanOutConnections),
    },
    cache: responseCache,
    callTimeoutMs: config.limits.callTimeoutMs,
  };
}
