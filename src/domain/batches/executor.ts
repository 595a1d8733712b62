// Chooses how the chunks of a job are run: pure operations inside the job's object, calls in lanes, each an
// object of its own.
import { backoffDelay } from "../../lib/retry-delay";
import type { DueItem, Executor, Made } from "../jobs/job";
import type { RunOptions } from "../operations";
import { CONNECTIONS_PER_INVOCATION } from "../platform";
import { DEFAULT_MAX_ATTEMPTS } from "./batch";
import { isEndpointOperation, pipelineOf } from "./batch-operations";
import { isImportKind, runImport, type ImportRecords } from "./import-items";
import type { BatchWork } from "./job-record";
import { runPipelineItems } from "./run-pipeline-items";

/** Items of a chunk of pure work: few rows, and with short texts about a millisecond of work for each chunk. */
const PIPELINE_CHUNK_ITEMS = 500;
/**
 * Items of a chunk of calls: two rounds of an invocation's connections. With two retries each, they stay
 * within the requests of one invocation.
 */
const ENDPOINT_CHUNK_ITEMS = 2 * CONNECTIONS_PER_INVOCATION;
/** Items for each lane: a larger batch gets more lanes, up to MAX_LANES. */
const ITEMS_PER_LANE = 100;
const MAX_LANES = 8;

/** Items in each chunk of this operation. */
export function chunkItems(operation: unknown, isImport = false): number {
  return isEndpointOperation(operation) && !isImport ? ENDPOINT_CHUNK_ITEMS : PIPELINE_CHUNK_ITEMS;
}

/** Surroundings of a job's chunks: randomness, deliveries, imports and lanes. */
export interface ExecutorDeps {
  /** Returns a number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  readonly runOptions: RunOptions;
  readonly importRecords: ImportRecords;
  /**
   * Attempts items in an invocation of their own.
   *
   * @returns the attempts that were not reported on the way
   */
  readonly runInLane: (
    lane: number,
    work: BatchWork,
    due: readonly DueItem[],
    report: (made: Made) => boolean,
  ) => Promise<Made>;
}

/** Creates the executor for this work. */
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
  // `concurrency` below one invocation's connections means that many calls in all, so there is one lane.
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
