// The work of a further invocation of the Worker, which makes calls beyond the connections of one.
import type { NamedUpstreams, PreparedCall } from "../domain/calls/prepare-call";
import { runCall } from "../domain/calls/run-call";
import { FetchFailure } from "../domain/outgoing/outgoing-fetch";
import type { Config } from "../env";
import { startDeadline } from "../lib/deadline";
import { takeHeld } from "../lib/held-json";
import { Mutex } from "../lib/mutex";
import { systemClock } from "./clock";
import type { Home, SentCall, SentRequest } from "./further-calls";
import { createCallContext } from "./outgoing";
import type { TablesEnv } from "./tables";

/** Makes calls of a request, reports the result of each, and returns how many requests it was given in vain. */
export type RunCalls = (
  calls: readonly SentCall[],
  request: SentRequest,
  home: Home,
) => Promise<number>;

/** Creates the function that makes calls in this invocation, with the configuration and tables of the Worker. */
export function createRunCalls(
  ctx: Pick<ExecutionContext, "waitUntil">,
  config: Config,
  tables: TablesEnv,
): RunCalls {
  return async (calls, request, home) => {
    let { taken } = request;
    const context = createCallContext(config, request.origin, ctx, {
      env: tables,
      caller: request.caller,
      takeRequest: async () => {
        taken -= 1;
        const refusal = taken >= 0 ? null : await home.take();
        if (refusal !== null) throw new FetchFailure(refusal.code, refusal.detail);
      },
    });
    const deadline = startDeadline(request.remainingMs, {
      clock: systemClock,
      reason: () =>
        new FetchFailure("timeout", `The whole request was over after ${request.timeoutMs} ms.`),
    });
    home.end().then(
      ({ code, detail }) => deadline.abort(new FetchFailure(code, detail)),
      () => deadline.abort(new FetchFailure("cancelled", "The caller went away.")),
    );
    const origin = systemClock.now() - request.elapsedMs;
    const mutex = new Mutex();
    const run = async (sent: SentCall) => {
      const call = fromSent(sent, config.upstreams);
      const result = await runCall(call, context, deadline, origin);
      const body = takeHeld(result);
      // One at a time, since a large one is in memory twice on its way.
      await mutex.run(() => home.report(JSON.stringify(result), body && body.parts));
      body?.free();
    };
    await Promise.all(calls.map(run)).finally(deadline.clear);
    return Math.max(0, taken);
  };
}

function fromSent(
  { id, request, url, upstream }: SentCall,
  upstreams: NamedUpstreams["upstreams"],
): PreparedCall {
  const named = upstream === null ? undefined : upstreams.get(upstream);
  return { id, request, url: new URL(url), upstream: named };
}
