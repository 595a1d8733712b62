// Runs pipelines: one over a list, several over the same list, or one over a single item.
import { OperationError, type OperationErrorCode } from "./errors";
import { MAX_LIST_ENTRIES, WORK_PER_ITEM } from "./limits";
import type { Entry, Run, Step } from "./operation";
import type { OperationSource, Pipeline } from "./pipeline";
import { Pace } from "./pace";
import { type ItemFailure, PipelineRun, type RunOptions } from "./pipeline-run";

/**
 * The result of a pipeline: a list, or the value of the summary that ends it. Failures are ordered by index.
 */
export type Outcome =
  | { readonly processed_items: unknown[]; readonly errors: ItemFailure[] }
  | { readonly value: unknown; readonly errors: ItemFailure[] };

/** The outcome of one of several pipelines. */
export type PipelineResult = { readonly operation: OperationSource } & (
  | ({ readonly status: "fulfilled" } & Outcome)
  | {
      readonly status: "rejected";
      readonly error: { readonly code: OperationErrorCode; readonly detail: string };
    }
);

async function runList(step: Extract<Step, { kind: "list" }>, entries: readonly Entry[], run: Run) {
  const result = await step.apply(entries, run);
  if (result.length <= MAX_LIST_ENTRIES) return result;
  throw new OperationError("too-large", `A list holds at most ${MAX_LIST_ENTRIES} entries`);
}

/**
 * Runs a pipeline over a list of JSON values. An item that a step cannot take is `null` from then on, with an
 * entry in `errors`.
 *
 * @throws OperationError if a list or summary step has no result
 */
export async function runPipeline(
  pipeline: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
): Promise<Outcome> {
  const run = new PipelineRun(options);
  let entries: readonly Entry[] = run.enter(items);
  for (const step of pipeline.steps) {
    if (step.kind === "item") entries = await run.mapItems(entries, step.apply);
    else if (run.work(entries.length * WORK_PER_ITEM)) await run.yieldToOthers();
    if (step.kind === "list") entries = await runList(step, entries, run);
    if (step.kind === "summary") {
      const value = await step.apply(entries, run);
      run.end();
      return { value, errors: run.failures };
    }
  }
  run.end();
  return { processed_items: entries.map(({ value }) => value), errors: run.failures };
}

/**
 * Runs pipelines concurrently over the same items, each with its share of the request's limits and the work
 * that finished ones left. One that fails does not affect the others. Results are in the order of the
 * pipelines.
 */
export async function runAll(
  pipelines: readonly Pipeline[],
  items: readonly unknown[],
  options: Omit<RunOptions, "sharedBy" | "pace">,
): Promise<PipelineResult[]> {
  const shared = { ...options, sharedBy: pipelines.length, pace: new Pace(options.yieldToOthers) };
  const settled = await Promise.allSettled(
    pipelines.map((pipeline) => runPipeline(pipeline, items, shared)),
  );
  return settled.map((outcome, at) => resultOf(pipelines[at]?.source ?? [], outcome));
}

function resultOf(
  operation: OperationSource,
  outcome: PromiseSettledResult<Outcome>,
): PipelineResult {
  if (outcome.status === "fulfilled") {
    return { operation, status: "fulfilled", ...outcome.value };
  }
  const reason: unknown = outcome.reason;
  // Any error but a refusal is a bug, and is rethrown.
  if (!(reason instanceof OperationError)) throw reason;
  const { code, message: detail } = reason;
  return { operation, status: "rejected", error: { code, detail } };
}

/** The outcome of one item of a batch. */
export type ItemOutcome =
  | { readonly ok: true; readonly output: unknown }
  | { readonly ok: false; readonly code: OperationErrorCode; readonly detail: string };

/** True if every step maps one item to one item, as a batch needs. */
export function isItemPipeline({ steps }: Pipeline): boolean {
  return steps.every(({ kind }) => kind === "item");
}

/** Runs a pipeline of item operations on one item. */
export async function runItem(
  pipeline: Pipeline,
  item: unknown,
  options: RunOptions,
): Promise<ItemOutcome> {
  const [outcome] = await Promise.allSettled([runPipeline(pipeline, [item], options)]);
  const result = resultOf(pipeline.source, outcome);
  if (result.status === "rejected") return { ok: false, ...result.error };
  const [failure] = result.errors;
  if (failure !== undefined) return { ok: false, code: failure.code, detail: failure.detail };
  if ("processed_items" in result) return { ok: true, output: result.processed_items[0] };
  return { ok: true, output: result.value };
}
