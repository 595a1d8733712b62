// Runs many calls at once; a call that fails does not fail the others. Behind POST /external-api.
import { startDeadline } from "../../lib/deadline";
import { DomainError } from "../errors";
import type { CallResult, ExternalApiRequest, Summary } from "./external-api";
import { FetchFailure } from "../outgoing/outgoing-fetch";
import type { PreparedCall } from "./prepare-call";
import { runCall, type CallContext } from "./run-call";

/** Calls in progress. */
export interface RunningCalls {
  /** Results in request order; none of them rejects. */
  readonly results: readonly Promise<CallResult>[];
  /** Cancels the calls that have not finished. */
  readonly cancel: () => void;
  /** Counts the results, once all have arrived. */
  summarize(results: readonly CallResult[]): Summary;
}

/**
 * Starts all calls at once, under one deadline. With the policy `any` the first ok result cancels the rest.
 *
 * @param signal aborts when the caller has disconnected
 */
export function startCalls(
  calls: readonly PreparedCall[],
  { policy, timeoutMs }: { policy: ExternalApiRequest["policy"]; timeoutMs: number },
  context: CallContext,
  signal: AbortSignal,
): RunningCalls {
  const { clock } = context.outgoing;
  const startedAt = clock.now();
  const deadline = startDeadline(timeoutMs, {
    clock,
    reason: () => new FetchFailure("timeout", `The whole request was over after ${timeoutMs} ms.`),
    parent: signal,
  });
  const cancel = () =>
    deadline.abort(new FetchFailure("cancelled", "The result was not needed any more."));
  const results = calls.map(async (call) => {
    const result = await runCall(call, context, deadline, startedAt);
    if (policy === "any" && isOk(result)) cancel();
    return result;
  });
  void Promise.allSettled(results).then(deadline.clear);
  return {
    results,
    cancel,
    summarize: (settled) => {
      const fulfilled = settled.filter(({ status }) => status === "fulfilled").length;
      return {
        total: settled.length,
        fulfilled,
        rejected: settled.length - fulfilled,
        duration_ms: Math.round((clock.now() - startedAt) * 10) / 10,
      };
    },
  };
}

/**
 * Checks the results by the policy.
 *
 * @throws DomainError `upstream-failed` if they do not meet it
 */
export function enforcePolicy(
  policy: ExternalApiRequest["policy"],
  results: readonly CallResult[],
): void {
  const oks = results.filter(isOk).length;
  if (policy === "settled" || oks === results.length || (policy === "any" && oks > 0)) return;
  throw new DomainError(
    "upstream-failed",
    `${results.length - oks} of ${results.length} calls were not ok.`,
    {
      extensions: { results },
    },
  );
}

function isOk(result: CallResult): boolean {
  return result.status === "fulfilled" && result.ok;
}
