// The entrypoint of further invocations of the Worker, which make calls beyond the connections of one.
import { WorkerEntrypoint } from "cloudflare:workers";
import type { PreparedCall } from "../domain/calls/prepare-call";
import { runCall } from "../domain/calls/run-call";
import { FetchFailure } from "../domain/outgoing/outgoing-fetch";
import { readConfig } from "../env";
import { startDeadline } from "../lib/deadline";
import { systemClock } from "./clock";
import type { Home, SentCall, SentRequest } from "./further-calls";
import { createCallContext } from "./outgoing";

/** Makes calls of a request in an invocation of its own. Nothing but the Worker itself can call it. */
export class Calls extends WorkerEntrypoint<Env> {
  /** Makes calls and reports the result of each. */
  async run(calls: readonly SentCall[], request: SentRequest, home: Home): Promise<void> {
    const { config } = readConfig(this.env);
    const context = createCallContext(config, request.origin, this.ctx, {
      env: this.env,
      caller: request.caller,
      takeRequest: () => home.take(),
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
    await Promise.all(
      calls.map(async ({ id, request: call, url, upstream }) => {
        const prepared: PreparedCall = {
          id,
          request: call,
          url: new URL(url),
          upstream: upstream === null ? undefined : config.upstreams.get(upstream),
        };
        const result = await runCall(prepared, context, deadline, origin);
        await home.report(JSON.stringify(result));
      }),
    ).finally(deadline.clear);
  }
}
