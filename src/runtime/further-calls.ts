// Further invocations of the Worker for calls beyond the connections of one: each has connections of its own,
// so that all calls of a request start at the same moment, and a slow host holds up nobody else.
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import type { CallRequest } from "../domain/calls/call-request";
import type { CallResult } from "../domain/calls/call-result";
import type { RunElsewhere, SharedRequest } from "../domain/calls/fan-out";
import type { PreparedCall } from "../domain/calls/prepare-call";
import { runCall } from "../domain/calls/run-call";
import { FetchFailure, type FailureCode } from "../domain/outgoing/outgoing-fetch";
import { readConfig } from "../env";
import { startDeadline } from "../lib/deadline";
import { readExactJson } from "../lib/exact-json";
import { systemClock } from "./clock";
import { createCallContext } from "./outgoing";

/** A prepared call as it crosses to another invocation, which knows the same upstreams by name. */
interface SentCall {
  readonly id: string;
  readonly request: CallRequest;
  readonly url: string;
  readonly upstream: string | null;
}

/** The request that the calls belong to. */
interface SentRequest {
  readonly origin: string;
  readonly caller: string | null;
  readonly timeoutMs: number;
  readonly remainingMs: number;
  readonly elapsedMs: number;
}

/** Why all calls of a request are over. */
interface End {
  readonly code: FailureCode;
  readonly detail: string;
}

/** The first invocation's side: it counts the requests of all, takes their results, and ends them. */
class Home extends RpcTarget {
  readonly #take: () => boolean | Promise<boolean>;
  readonly #report: (result: CallResult) => void;
  readonly #end: Promise<End>;

  constructor(
    take: () => boolean | Promise<boolean>,
    report: (result: CallResult) => void,
    end: Promise<End>,
  ) {
    super();
    this.#take = take;
    this.#report = report;
    this.#end = end;
  }

  /** Takes one of the requests that all calls may send together. */
  take(): boolean | Promise<boolean> {
    return this.#take();
  }

  /** @param json of a result, in which numbers are exact */
  report(json: string): void {
    this.#report(readExactJson(json) as CallResult);
  }

  /** Resolves when the calls are not wanted any more. An abort signal cannot cross between invocations. */
  end(): Promise<End> {
    return this.#end;
  }
}

/** The entrypoint of further invocations. Nothing but the Worker itself can call it. */
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

/** The part of an execution context that further invocations are made with. */
type Exports = Pick<ExecutionContext, "exports">;

/**
 * Creates the function that makes calls in further invocations.
 *
 * @param takeRequest counts the requests of all invocations together
 */
export function createRunElsewhere(
  { exports }: Exports,
  request: Pick<SentRequest, "origin" | "caller">,
  takeRequest: () => boolean | Promise<boolean>,
): RunElsewhere {
  return async (calls, shared, report) => {
    const home = new Home(takeRequest, report, whenOver(shared));
    const sent = calls.map(({ id, request: call, url, upstream }) => {
      return { id, request: call, url: url.href, upstream: upstream?.name ?? null };
    });
    const now = systemClock.now();
    const about = {
      ...request,
      timeoutMs: shared.timeoutMs,
      remainingMs: shared.deadline.at - now,
      elapsedMs: now - shared.startedAt,
    };
    await exports.Calls.run(sent, about, home);
  };
}

function whenOver({ deadline: { signal } }: SharedRequest): Promise<End> {
  return new Promise((resolve) => {
    const tell = () => {
      const reason: unknown = signal.reason;
      const { code, message } =
        reason instanceof FetchFailure
          ? reason
          : new FetchFailure("cancelled", "The caller went away.");
      resolve({ code, detail: message });
    };
    if (signal.aborted) tell();
    signal.addEventListener("abort", tell, { once: true });
  });
}
