// Runs many calls at once; a call that fails does not fail the others. Behind POST /external-api.
import { startDeadline } from "../../lib/deadline";
import { DomainError } from "../errors";
import type { Policy } from "./external-api";
import { isOk, type CallResult, type Summary } from "./call-result";
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
  { policy, timeoutMs }: { policy: Policy; timeoutMs: number },
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
      const ok = settled.filter(isOk).length;
      const fulfilled = settled.filter(({ status }) => status === "fulfilled").length;
      return {
        total: settled.length,
        fulfilled,
        ok,
        rejected: settled.length - fulfilled,
        policy_met: isMet(policy, ok, settled.length),
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
export function enforcePolicy(policy: Policy, results: readonly CallResult[]): void {
  const oks = results.filter(isOk).length;
  if (isMet(policy, oks, results.length)) return;
  throw new DomainError(
    "upstream-failed",
    `${results.length - oks} of ${results.length} calls were not ok.`,
    {
      extensions: { results },
    },
  );
}

function isMet(policy: Policy, oks: number, total: number): boolean {
  return policy === "settled" || (policy === "any" ? oks > 0 : oks === total);
}
