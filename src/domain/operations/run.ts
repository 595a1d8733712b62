// Runs pipelines: one over a list, several over the same list, or one over a single item.
import { Entries, FAILED } from "./entries";
import { checkEntries, OperationError, type OperationErrorCode } from "./errors";
import { GROUP_ENTRIES } from "./held";
import type { Step } from "./operation";
import type { OperationSource, Pipeline } from "./pipeline";
import { after } from "../../lib/after";
import { forget } from "../../lib/forget";
import { Mutex } from "../../lib/mutex";
import { Pace } from "./pace";
import { type ItemFailure, PipelineRun, type RunOptions } from "./pipeline-run";
import { type Row, RowRun, type Write } from "./row-run";
import { shareWork } from "./share-work";

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

/** Runs a pipeline. Throws an `OperationError` if it has no result. */
export type Start = (write: Write | null) => Outcome | Promise<Outcome>;

/** Applies a list operation, by the rule that its text tells of failed items. */
async function runList(
  { apply, failed }: Extract<Step, { kind: "list" }>,
  entries: Entries,
  run: PipelineRun,
): Promise<Entries> {
  const { length, values } = entries;
  const given = await apply(failed === "own" ? entries : entries.without(FAILED), run);
  const made = failed === "own" ? given : given.without(FAILED);
  // Nobody asks for the items of these.
  if (failed === "last") while (made.length < length) made.values.push(FAILED);
  checkEntries(made.length);
  if (made.values !== values) forget(values);
  return run.takeList(made);
}

/** Work of a pipeline that is under way. */
interface Work {
  readonly steps: readonly Step[];
  readonly items: readonly unknown[];
  readonly run: PipelineRun;
  readonly write: Write | null;
}

/** The row of item steps from a place on. */
function rowAt(steps: readonly Step[], from: number): Row {
  let to = from;
  let keepsSize = true;
  for (; steps[to]?.kind === "item"; to += 1) keepsSize &&= steps[to]?.keepsSize === true;
  return { steps, from, to, keepsSize };
}

/** Runs the steps from a place on, over the request's items if no list is given. */
function runSteps(work: Work, from = 0, list: Entries | null = null): Outcome | Promise<Outcome> {
  const { steps, run, write } = work;
  const step = steps[from];
  const entries = list ?? new Entries(work.items.slice());
  if (step === undefined) return { processed_items: entries.outputs(), errors: run.failures };
  if (step.kind === "item") {
    const row = rowAt(steps, from);
    const { to } = row;
    run.held.beginGroups(list, row.keepsSize);
    const rowRun = new RowRun(row, entries, run, to === steps.length ? write : null);
    const made = rowRun.entries();
    return made instanceof Promise
      ? made.then((kept) => runSteps(work, to, kept))
      : runSteps(work, to, made);
  }
  if (list === null) run.takeList(entries);
  run.begin(step, from, entries.length);
  if (step.kind === "list")
    return runList(step, entries, run).then((made) => runSteps(work, from + 1, made));
  const summing = step.apply(entries.without(FAILED), run);
  return after(summing, (value) => {
    forget(entries.values);
    return { value, errors: run.failures };
  });
}

/**
 * Runs a pipeline over a list of JSON values. An item that a step cannot take is `null` from then on, with an
 * entry in `errors`.
 *
 * @param write takes outputs early, if given
 * @throws OperationError if it would cost or hold too much, or a list or summary step has no result
 */
export function runPipeline(
  pipeline: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
  write: Write | null = null,
): Outcome | Promise<Outcome> {
  const pace = new Pace(options.yieldToOthers);
  // A single step tells as soon as it begins.
  const isLong = pipeline.steps.length > 1 || items.length > GROUP_ENTRIES;
  const own = isLong ? shareWork([pipeline], items, pace)[0]?.begin() : 0;
  const run = new PipelineRun(options, pace, own ?? 0);
  return runSteps({ steps: pipeline.steps, items, run, write });
}

/**
 * Runs pipelines concurrently over the same items, each with its share of the work that the request may cost. One that
 * fails does not affect the others. Results are in the order of the pipelines. All compute on one thread: each takes
 * its turn once and keeps it, so that what it has made is free before the next begins.
 *
 * @param make starts a pipeline, and makes something of what it writes and of its outcome
 */
export async function runAll<Made>(
  pipelines: readonly Pipeline[],
  items: readonly unknown[],
  options: RunOptions,
  make: (start: Start, operation: OperationSource) => Promise<Made>,
): Promise<PipelineResult<Made>[]> {
  const pace = new Pace(options.yieldToOthers);
  const shared = shareWork(pipelines, items, pace);
  const turn = new Mutex();
  const settled = await Promise.allSettled(
    shared.map(({ pipeline: { steps, source }, begin }) =>
      turn.run(async () => {
        const run = new PipelineRun(options, pace, begin());
        try {
          return await make((write) => runSteps({ steps, items, run, write }), source);
        } finally {
          pace.keptBytes += run.held.kept;
        }
      }),
    ),
  );
  return settled.map((outcome, at) => resultOf(pipelines[at]?.source ?? [], outcome));
}

function resultOf<Made>(
  operation: OperationSource,
  outcome: PromiseSettledResult<Made>,
): PipelineResult<Made> {
  if (outcome.status === "fulfilled")
    return { operation, status: "fulfilled", made: outcome.value };
  return { operation, status: "rejected", error: refusalOf(outcome.reason) };
}

/** The reason of a refusal. Any other error is a bug, and is thrown again. */
function refusalOf(reason: unknown): Rejection["error"] {
  if (!(reason instanceof OperationError)) throw reason;
  const { code, message: detail } = reason;
  return { code, detail };
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
  try {
    const made: unknown[] = [];
    const { errors } = await runPipeline(pipeline, [item], options, (outputs) => {
      made.push(...outputs);
    });
    const [failure] = errors;
    if (failure !== undefined) return { ok: false, code: failure.code, detail: failure.detail };
    return { ok: true, output: made[0] };
  } catch (error) {
    return { ok: false, ...refusalOf(error) };
  }
}
