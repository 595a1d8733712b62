// Runs many calls at once; a call that fails does not fail the others. Past the connections of one invocation
// they are made in further ones. Behind POST /external-api.
import { startDeadline, type TimeLimit } from "../../lib/deadline";
import { DomainError } from "../errors";
import { FetchFailure, toFailure } from "../outgoing/outgoing-fetch";
import { isOk, withValue, type CallResult, type Summary } from "./call-result";
import type { Policy } from "./external-api";
import type { PreparedCall } from "./prepare-call";
import { renderCall } from "./render-call";
import { NOT_NEEDED, rejected, runCall, unneeded, type CallContext } from "./run-call";

/** Calls in progress. */
export interface RunningCalls {
  /** Results in request order; none of them rejects. */
  readonly results: readonly Promise<CallResult>[];
  /** Resolves once all results have arrived and all further invocations have ended. */
  readonly done: Promise<unknown>;
  /** Cancels the calls that have not finished. */
  readonly cancel: () => void;
  /** Counts the results, once all have arrived. */
  summarize(results: readonly CallResult[]): Summary;
}

/** Facts about a request that the further invocations of its calls need. */
export interface SharedRequest {
  /** The deadline of all calls together. */
  readonly deadline: TimeLimit;
  readonly timeoutMs: number;
  /** The instant from which `started_ms` counts, on the clock's scale. */
  readonly startedAt: number;
}

/** Makes calls in a further invocation, and reports each result. Rejects if that invocation ends before. */
export type RunElsewhere = (
  calls: readonly PreparedCall[],
  shared: SharedRequest,
  report: (result: CallResult) => void,
) => Promise<void>;

/** Dependencies of the calls of one request. */
export interface FanOutDeps {
  readonly context: CallContext;
  /** Calls that this invocation makes at a time: its connections. */
  readonly callsHere: number;
  readonly runElsewhere: RunElsewhere;
}

/**
 * Starts all calls at once, but for those that wait for others, under one deadline. With the policy `any` the
 * first ok result cancels the rest, with `all` the first that is not ok.
 *
 * @param signal aborts when the caller has disconnected
 */
export function startCalls(
  calls: readonly PreparedCall[],
  { policy, timeoutMs }: { policy: Policy; timeoutMs: number },
  deps: FanOutDeps,
  signal: AbortSignal,
): RunningCalls {
  const { clock } = deps.context.outgoing;
  const startedAt = clock.now();
  const deadline = startDeadline(timeoutMs, {
    clock,
    reason: () => new FetchFailure("timeout", `The whole request was over after ${timeoutMs} ms.`),
    parent: signal,
  });
  const cancel = () => deadline.abort(new FetchFailure("cancelled", NOT_NEEDED));
  let isWon = false;
  const run = new Run(calls, { deadline, timeoutMs, startedAt }, deps, (call, result) => {
    // Of answers that arrive in the same moment the first one wins, too.
    const judged = isWon ? unneeded(call, result) : result;
    isWon ||= policy === "any" && isOk(judged);
    if (isWon || (policy === "all" && !isOk(judged))) cancel();
    return judged;
  });
  void Promise.allSettled(run.results).then(deadline.clear);
  run.start();
  return {
    results: run.results,
    done: Promise.all(run.results).then(() => Promise.all(run.elsewhere)),
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
    { extensions: { results } },
  );
}

function isMet(policy: Policy, oks: number, total: number): boolean {
  return policy === "settled" || (policy === "any" ? oks > 0 : oks === total);
}

/** Judges the result of a call by the policy, in order of arrival. Returns the one to tell. */
type Judge = (call: PreparedCall, result: CallResult) => CallResult;

/** The calls of one request: which have settled, and where the others are. */
class Run {
  readonly results: readonly Promise<CallResult>[];
  /** Further invocations; none of them rejects. */
  readonly elsewhere: Promise<void>[] = [];
  readonly #pending: ReadonlyMap<string, PromiseWithResolvers<CallResult>>;
  readonly #settled = new Map<string, CallResult>();
  readonly #waiting: Set<PreparedCall>;
  readonly #calls: readonly PreparedCall[];
  readonly #shared: SharedRequest;
  readonly #deps: FanOutDeps;
  readonly #judge: Judge;
  #here = 0;

  constructor(
    calls: readonly PreparedCall[],
    shared: SharedRequest,
    deps: FanOutDeps,
    judge: Judge,
  ) {
    this.#calls = calls;
    this.#shared = shared;
    this.#deps = deps;
    this.#judge = judge;
    const pending = calls.map(({ id }) => [id, Promise.withResolvers<CallResult>()] as const);
    this.#pending = new Map(pending);
    this.results = pending.map(([, { promise }]) => promise);
    this.#waiting = new Set(calls.filter(({ request }) => request.after !== undefined));
  }

  /** Starts the calls that wait for none. */
  start(): void {
    this.#launch(this.#calls.filter(({ request }) => request.after === undefined));
  }

  /** Makes calls here as long as there are connections, and the others in further invocations. */
  #launch(calls: readonly PreparedCall[]): void {
    const { callsHere } = this.#deps;
    const free = Math.max(0, callsHere - this.#here);
    for (const call of calls.slice(0, free)) void this.#runHere(call);
    for (let at = free; at < calls.length; at += callsHere)
      this.elsewhere.push(this.#runElsewhere(calls.slice(at, at + callsHere)));
  }

  async #runHere(call: PreparedCall): Promise<void> {
    const { deadline, startedAt } = this.#shared;
    this.#here += 1;
    const result = await runCall(call, this.#deps.context, deadline, startedAt);
    this.#here -= 1;
    this.#settle(result);
  }

  async #runElsewhere(calls: readonly PreparedCall[]): Promise<void> {
    try {
      await this.#deps.runElsewhere(calls, this.#shared, (result) => this.#settle(result));
    } catch {
      const detail = "What made this call ended before its response; it may have had an effect.";
      for (const call of calls) this.#reject(call, "network", detail);
    }
  }

  #settle(arrived: CallResult): void {
    const { id } = arrived;
    const call = this.#calls.find((each) => each.id === id);
    if (call === undefined || this.#settled.has(id)) return;
    const result = this.#judge(call, arrived);
    this.#settled.set(id, result);
    this.#pending.get(id)?.resolve(result);
    const isReady = ({ request }: PreparedCall) =>
      request.after?.every((other) => this.#settled.has(other)) === true;
    for (const ready of [...this.#waiting].filter(isReady)) {
      this.#waiting.delete(ready);
      void this.#follow(ready);
    }
  }

  /** Starts a call that waited for others, if they were ok and it can be made from their results. */
  async #follow(call: PreparedCall): Promise<void> {
    const results = (call.request.after ?? []).map((id) => this.#settled.get(id));
    const failed = results.find((result) => result === undefined || !isOk(result));
    if (this.#shared.deadline.signal.aborted) return this.#cancelled(call);
    if (failed !== undefined)
      return this.#reject(call, "dependency-failed", `The call "${failed.id}" was not ok.`);
    const named = Object.fromEntries(
      results.flatMap((result) => (result ? [[result.id, withValue(result)]] : [])),
    );
    const rendered = await renderCall(call, named, this.#deps.context.queries);
    if ("detail" in rendered) return this.#reject(call, "dependency-failed", rendered.detail);
    return this.#launch([rendered]);
  }

  #cancelled(call: PreparedCall): void {
    const { signal } = this.#shared.deadline;
    const { code, message } = toFailure(signal.reason, signal);
    this.#reject(call, code, message);
  }

  #reject(call: PreparedCall, code: Parameters<typeof rejected>[1]["code"], detail: string): void {
    const { clock } = this.#deps.context.outgoing;
    const started_ms = Math.round((clock.now() - this.#shared.startedAt) * 10) / 10;
    this.#settle(rejected(call, { code, detail }, { attempts: 0, started_ms, duration_ms: 0 }));
  }
}
