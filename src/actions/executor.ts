// How a batch's chunks are run: pure operations where the rows are, calls in lanes of their own.
import { isEndpointOperation, pipelineOf } from "../domain/batch-operations";
import type { Executor } from "../domain/job";
import { backoffDelay } from "../lib/retry-delay";
import type { JobWork } from "../storage/job-store";
import { laneOf } from "../storage/jobs";
import { runPipelineItems } from "./run-items";

/** Items of a chunk of pure work: rows are few, and each is done in about a millisecond. */
const PIPELINE_CHUNK_ITEMS = 500;
/** Two rounds of six connections; with two repeats each, these stay within one invocation's requests. */
const ENDPOINT_CHUNK_ITEMS = 12;
/** More items than this are worth another lane. */
const ITEMS_PER_LANE = 100;
const MAX_LANES = 8;
/** Connections of one invocation: a batch that wants fewer wants them in all. */
const FULL_CONCURRENCY = 6;

/** Items in a chunk of this operation. */
export function chunkItems(operation: unknown): number {
  return isEndpointOperation(operation) ? ENDPOINT_CHUNK_ITEMS : PIPELINE_CHUNK_ITEMS;
}

/** How the chunks of this work are run. */
export function createExecutor(work: JobWork, total: number, env: Env, jobName: string): Executor {
  const { operation, options } = work;
  const retryDelay = (attempts: number) =>
    attempts >= options.max_attempts ? null : backoffDelay(attempts, Math.random);
  if (!isEndpointOperation(operation)) {
    const pipeline = pipelineOf(operation);
    return { lanes: 1, retryDelay, runChunk: (_, due) => runPipelineItems(pipeline, due) };
  }
  const lanes = options.concurrency < FULL_CONCURRENCY ? 1 : Math.ceil(total / ITEMS_PER_LANE);
  return {
    lanes: Math.min(MAX_LANES, lanes),
    retryDelay,
    runChunk: (lane, due) => laneOf(env, jobName, lane).runItems(work, due),
  };
}
