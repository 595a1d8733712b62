// Further invocations of the Worker for calls beyond the connections of one: each has connections of its own,
// so that all calls of a request start at the same moment, and a slow host holds up nobody else.
import type { CallRequest } from "../domain/calls/call-request";
import type { CallResult } from "../domain/calls/call-result";
import type { RunElsewhere, SharedRequest } from "../domain/calls/fan-out";
import { FetchFailure, toFailure, type FailureCode } from "../domain/outgoing/outgoing-fetch";
import { readExactJson } from "../lib/exact-json";
import { putHeld, type HeldParts } from "../lib/held-json";
import { systemClock } from "./clock";
import type { RequestCounter } from "./request-counter";

/** A prepared call as it crosses to another invocation, which knows the same upstreams by name. */
export interface SentCall {
  readonly id: string;
  readonly request: CallRequest;
  readonly url: string;
  readonly upstream: string | null;
}

/** The request that the calls belong to. */
export interface SentRequest {
  readonly origin: string;
  readonly caller: string | null;
  readonly timeoutMs: number;
  readonly remainingMs: number;
  readonly elapsedMs: number;
  /** Requests that are taken for it already: it need not ask for the first of each call. */
  readonly taken: number;
}

/** The reason for which all calls of a request are over. */
interface End {
  readonly code: FailureCode;
  readonly detail: string;
}

/** The first invocation's side, called from the others: it counts requests, takes results, and ends all. */
export interface Home {
  /** Takes one of the requests that all calls may send together; returns the reason if none is left. */
  take(): Promise<End | null>;
  /**
   * @param json of a result, in which numbers are exact
   * @param body of it, if it is held as bytes
   */
  report(json: string, body: HeldParts | null): Promise<void>;
  /** Resolves when the calls are not wanted any more: an abort signal cannot cross between invocations. */
  end(): Promise<End>;
}

/**
 * Creates the function that makes calls in further invocations.
 *
 * @param counter counts the requests of all invocations together
 */
export function createRunElsewhere(
  { exports }: Pick<ExecutionContext, "exports">,
  request: Pick<SentRequest, "origin" | "caller">,
  counter: Pick<RequestCounter, "take" | "putBack">,
): RunElsewhere {
  const take = async (): Promise<End | null> => {
    try {
      await counter.take();
      return null;
    } catch (error) {
      if (error instanceof FetchFailure) return { code: error.code, detail: error.message };
      throw error;
    }
  };
  return async (calls, shared, report) => {
    const home: Home = {
      take,
      report: async (json, body) => {
        // Written by the same version of the Worker.
        const result = readExactJson(json) as CallResult;
        putHeld(result, body);
        report(result);
      },
      end: () => whenOver(shared),
    };
    const sent = calls.map(({ id, request: call, url, upstream }) => {
      return { id, request: call, url: url.href, upstream: upstream?.name ?? null };
    });
    const refusals = await Promise.all(calls.map(take));
    const now = systemClock.now();
    const about = {
      ...request,
      timeoutMs: shared.timeoutMs,
      remainingMs: shared.deadline.at - now,
      elapsedMs: now - shared.startedAt,
      taken: refusals.filter((refusal) => refusal === null).length,
    };
    counter.putBack(await exports.Calls.run(sent, about, home));
  };
}

function whenOver({ deadline: { signal } }: SharedRequest): Promise<End> {
  return new Promise((resolve) => {
    const tell = () => {
      const { code, message } = toFailure(signal.reason, signal);
      resolve({ code, detail: message });
    };
    if (signal.aborted) tell();
    signal.addEventListener("abort", tell, { once: true });
  });
}
