// The summary of a batch's outputs, which is made at the end of each run.
import * as v from "valibot";
import { isJsonLonger } from "../../lib/is-json-longer";
import {
  isSummaryPipeline,
  ItemError,
  Operation,
  OperationError,
  type OperationSource,
  type Outcome,
  runPipeline,
  type RunOptions,
  Sizer,
} from "../operations";
import type { ItemFailure } from "./item-result";
import { pipelineOf } from "./pipeline-of";

/** Bytes of all outputs as JSON. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Bytes of memory that the outputs hold, by an estimate on the safe side. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Characters of the summary as JSON: it is a part of each reply that shows the batch. */
const MAX_SUMMARY_CHARACTERS = 500_000;
/** Bytes of outputs after which other requests get to run. */
const BYTES_PER_TURN = 1024 * 1024;

/** A summary operation, or a pipeline that ends in one. Call `loadOperations` first. */
export const SummaryOperation = v.pipe(
  Operation,
  v.check(
    isSummaryPipeline,
    "Only a summary operation, such as count or statistics, or a pipeline that ends in one",
  ),
  v.transform(({ source }): OperationSource => source),
  v.description(
    "A summary operation, or a pipeline that ends in one: at the end it is applied to the outputs, in their order and without what failed, and gives `summary`.",
  ),
);

/** A summary, or why there is none. An error beside a value tells of outputs that were left out. */
export interface OutputSummary {
  readonly value: unknown;
  readonly error: ItemFailure | null;
}

/** The summary whose making has ended the process each time. */
export const CRASHED_SUMMARY = without("crashed", "The summary ended its process each time.");

/**
 * Summarizes outputs. Where that cannot be done, the summary tells so.
 *
 * @param outputs of the items that succeeded, in their order; read no further than the bounds
 */
export async function summarizeOutputs(
  operation: unknown,
  outputs: Iterable<unknown>,
  options: RunOptions,
): Promise<OutputSummary> {
  const pipeline = await pipelineOf(operation);
  if (pipeline === null || !isSummaryPipeline(pipeline))
    return without("unknown-operation", "There is no such summary operation any more.");
  try {
    const items = await collect(outputs, options.yieldToOthers);
    return bounded(await runPipeline(pipeline, items, options));
  } catch (error) {
    if (error instanceof OperationError) return without(error.code, error.message);
    console.error(JSON.stringify({ level: "error", event: "summary", error: String(error) }));
    return without("internal", "The summary failed unexpectedly.");
  }
}

/** Collects the outputs in memory. @throws OperationError if they are too large together */
async function collect(
  outputs: Iterable<unknown>,
  yieldToOthers: RunOptions["yieldToOthers"],
): Promise<unknown[]> {
  const encoder = new TextEncoder();
  const sizer = new Sizer(true);
  const items: unknown[] = [];
  let [bytes, turnAt] = [0, BYTES_PER_TURN];
  for (const output of outputs) {
    bytes += encoder.encode(JSON.stringify(output)).length;
    measure(sizer, output);
    if (bytes > MAX_OUTPUT_BYTES || sizer.bytes > MAX_HELD_BYTES) throw tooLarge(bytes);
    items.push(output);
    if (bytes < turnAt) continue;
    turnAt = bytes + BYTES_PER_TURN;
    await yieldToOthers();
  }
  return items;
}

/** An output that cannot be measured is refused by the pipeline, and left out. */
function measure(sizer: Sizer, output: unknown): void {
  try {
    sizer.add(output);
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
  }
}

function tooLarge(bytes: number): OperationError {
  const which =
    bytes > MAX_OUTPUT_BYTES
      ? `over ${MAX_OUTPUT_BYTES} bytes (16 MiB) as JSON`
      : `over ${MAX_HELD_BYTES} bytes (64 MiB) in memory`;
  return new OperationError("too-large", `The outputs are ${which}: too many for a summary`);
}

function bounded(outcome: Outcome): OutputSummary {
  const value = "value" in outcome ? outcome.value : null;
  const isLonger =
    isJsonLonger(value, MAX_SUMMARY_CHARACTERS) ||
    JSON.stringify(value).length > MAX_SUMMARY_CHARACTERS;
  if (isLonger)
    return without(
      "too-large",
      `The summary has over ${MAX_SUMMARY_CHARACTERS} characters as JSON.`,
    );
  const [first] = outcome.errors;
  if (first === undefined) return { value, error: null };
  const { length } = outcome.errors;
  const detail = `${length} of the outputs could not be taken and were left out; of the first: ${first.detail}`;
  return { value, error: { code: first.code, detail } };
}

function without(code: ItemFailure["code"], detail: string): OutputSummary {
  return { value: null, error: { code, detail } };
}
