// How a batch's chunks are run: pure operations where the rows are, calls in lanes of their own.
import { backoffDelay } from "../../lib/retry-delay";
import type { DueItem, Executor, Made } from "../jobs/job";
import type { RunOptions } from "../operations";
import { CONNECTIONS_PER_INVOCATION } from "../platform";
import { DEFAULT_MAX_ATTEMPTS } from "./batch";
import { isEndpointOperation, pipelineOf } from "./batch-operations";
import { isImportKind, runImport, type ImportRecords } from "./import-items";
import type { BatchWork } from "./job-record";
import { runPipelineItems } from "./run-pipeline-items";

/** Items of a chunk of pure work: rows are few, and of short texts each is done in about a millisecond. */
const PIPELINE_CHUNK_ITEMS = 500;
/** Two rounds of an invocation's connections; with two repeats each, these stay within its requests. */
const ENDPOINT_CHUNK_ITEMS = 2 * CONNECTIONS_PER_INVOCATION;
/** More items than this are worth another lane. */
const ITEMS_PER_LANE = 100;
const MAX_LANES = 8;

/** Items in a chunk of this operation. */
export function chunkItems(operation: unknown, isImport = false): number {
  return isEndpointOperation(operation) && !isImport ? ENDPOINT_CHUNK_ITEMS : PIPELINE_CHUNK_ITEMS;
}

/** What running a job's chunks needs from outside. */
export interface ExecutorDeps {
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  readonly runOptions: RunOptions;
  readonly importRecords: ImportRecords;
  /** Attempts items in an invocation of their own. @returns what was not reported */
  readonly runInLane: (
    lane: number,
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Made) => boolean,
  ) => Promise<Made>;
}

/** How the chunks of this work are run. */
export async function createExecutor(
  work: BatchWork,
  total: number,
  deps: ExecutorDeps,
): Promise<Executor> {
  const { operation, options } = work;
  const { max_attempts = DEFAULT_MAX_ATTEMPTS } = options;
  const retryDelay = (attempts: number) =>
    attempts >= max_attempts ? null : backoffDelay(attempts, deps.random);
  if (work.isImport && isImportKind(operation)) {
    const runChunk: Executor["runChunk"] = (_, due) =>
      runImport(operation, due, deps.importRecords);
    return { lanes: 1, isPure: false, retryDelay, runChunk };
  }
  if (!isEndpointOperation(operation)) {
    const pipeline = await pipelineOf(operation);
    return {
      lanes: 1,
      isPure: true,
      retryDelay,
      runChunk: (_, due, report) => runPipelineItems(pipeline, due, deps.runOptions, report),
    };
  }
  // A batch that wants fewer connections than one invocation has wants them in all.
  const lanes =
    options.concurrency < CONNECTIONS_PER_INVOCATION
      ? 1
      : Math.min(MAX_LANES, Math.ceil(total / ITEMS_PER_LANE));
  return {
    lanes,
    isPure: false,
    retryDelay,
    runChunk: (lane, due, report) => deps.runInLane(lane, work, due, report),
  };
}
