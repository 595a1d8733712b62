// Runs pipelines: one over a list, several over the same list, or one over a single item.
import { OperationError, type OperationErrorCode } from "./errors";
import { MAX_LIST_ENTRIES } from "./limits";
import type { Entry, Step } from "./operation";
import type { OperationSource, Pipeline } from "./pipeline";
import { Pace } from "./pace";
import { type ItemFailure, PipelineRun, type RunOptions } from "./pipeline-run";
import { charsOf, shareWork } from "./share-work";

/**
 * The result of a pipeline: a list, or the value of the summary that ends it. Failures are ordered by index.
 */
export type Outcome =
  | { readonly processed_items: unknown[]; readonly errors: ItemFailure[] }
  | { readonly value: unknown; readonly errors: ItemFailure[] };

/** The outcome of a pipeline without a result, and its reason. */
interface Rejection {
  readonly status: "rejected";
  readonly error: { readonly code: OperationErrorCode; readonly detail: string };
}

/** The outcome of one of several pipelines. */
export type PipelineResult<Made> = { readonly operation: OperationSource } & (
  | { readonly status: "fulfilled"; readonly made: Made }
  | Rejection
);

const isWell = ({ failed }: Entry) => !failed;

/** Applies a list operation, by the rule that its text tells of failed items. */
async function runList(
  { apply, failed }: Extract<Step, { kind: "list" }>,
  entries: readonly Entry[],
  run: PipelineRun,
): Promise<Entry[]> {
  const given = failed === "own" ? entries : entries.filter(isWell);
  let made = [...(await apply(given, run))];
  if (failed !== "own" && made.some((entry) => entry.failed)) made = made.filter(isWell);
  if (failed === "last") made.push(...failedOf(entries, made));
  if (made.length <= MAX_LIST_ENTRIES) return run.measured(made);
  throw new OperationError(
    "too-large",
    `A list holds at most ${MAX_LIST_ENTRIES} entries; this one would have ${made.length}`,
  );
}

/** Those of the entries that are not among the others, as failed ones. */
function failedOf(entries: readonly Entry[], well: readonly Entry[]): Entry[] {
  if (entries.length === well.length) return [];
  const kept = new Set(well);
  return entries
    .filter((entry) => !kept.has(entry))
    .map(({ index }) => ({ index, failed: true, value: null }));
}

async function runSteps({ steps }: Pipeline, entered: Entry[], run: PipelineRun): Promise<Outcome> {
  let entries = entered;
  for (const [at, step] of steps.entries()) {
    run.begin(step, at + 1, entries.length);
    if (step.kind === "item") {
      const mapping = run.mapItems(entries, step.price, step.apply);
      if (mapping !== undefined) await mapping;
    } else if (step.kind === "list") entries = await runList(step, entries, run);
    else {
      const value = await step.apply(entries.filter(isWell), run);
      return { value, errors: run.failures };
    }
    const turn = run.takeTurn();
    if (turn !== undefined) await turn;
  }
  return { processed_items: entries.map(({ value }) => value), errors: run.failures };
}

/**
 * Runs a pipeline over a list of JSON values. An item that a step cannot take is `null` from then on, with an
 * entry in `errors`.
 *
 * @throws OperationError if it would cost or hold too much, or a list or summary step has no result
 */
export async function runPipeline(
  pipeline: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
): Promise<Outcome> {
  const run = new PipelineRun(options);
  const entries = run.enter(items);
  // A single step tells as soon as it begins.
  if (pipeline.steps.length > 1) {
    const [share] = shareWork([pipeline], items.length, run.chars);
    if (share instanceof OperationError) throw share;
  }
  return runSteps(pipeline, entries, run);
}

/**
 * Runs pipelines concurrently over the same items, each with its share of the work that the request may cost.
 * One that fails does not affect the others. Results are in the order of the pipelines.
 *
 * @param finish called for each outcome as soon as it is there; may throw an OperationError
 */
export async function runAll<Made>(
  pipelines: readonly Pipeline[],
  items: readonly unknown[],
  options: RunOptions,
  finish: (outcome: Outcome, operation: OperationSource) => Made,
): Promise<PipelineResult<Made>[]> {
  const pace = new Pace(options.yieldToOthers);
  const shares = shareWork(pipelines, items.length, charsOf(items));
  const settled = await Promise.allSettled(
    pipelines.map(async (pipeline, at) => {
      const work = shares[at];
      if (work instanceof OperationError || work === undefined) throw work;
      const run = new PipelineRun(options, { work, pace, isShared: pipelines.length > 1 });
      try {
        return finish(await runSteps(pipeline, run.enter(items), run), pipeline.source);
      } finally {
        run.end();
      }
    }),
  );
  return settled.map((outcome, at) => resultOf(pipelines[at]?.source ?? [], outcome));
}

function resultOf<Made>(
  operation: OperationSource,
  outcome: PromiseSettledResult<Made>,
): PipelineResult<Made> {
  if (outcome.status === "fulfilled")
    return { operation, status: "fulfilled", made: outcome.value };
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

/** True if the pipeline gives one value for a list. */
export function isSummaryPipeline({ steps }: Pipeline): boolean {
  return steps.at(-1)?.kind === "summary";
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
  const [failure] = result.made.errors;
  if (failure !== undefined) return { ok: false, code: failure.code, detail: failure.detail };
  if ("processed_items" in result.made) return { ok: true, output: result.made.processed_items[0] };
  return { ok: true, output: result.made.value };
}
