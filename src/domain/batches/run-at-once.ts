// Runs a small batch that only computes before it is stored: its items, their results and the record of its end are
// then written once, instead of as they wait, begin and end.
import { runChunks, type ChunkRunDeps } from "../jobs/chunk-run";
import type { Chunk, ItemState } from "../jobs/job";
import type { JobRecord } from "../jobs/job-record";
import { estimateWork } from "../operations";
import { isEndpointOperation } from "./batch-operations";
import { chunkItems, pipelineExecutor, type ExecutorDeps } from "./executor";
import type { BatchWork, NewChunk } from "./job-record";
import { pipelineOf } from "./pipeline-of";

/** Units of work (`operations/price.ts`), five milliseconds at worst: a Worker of the free plan has ten for all. */
const MAX_WORK = 500_000;

/** Surroundings of a run. */
interface AtOnceDeps
  extends Pick<ExecutorDeps, "random" | "runOptions">, Pick<ChunkRunDeps, "yieldToOthers" | "now"> {
  /** Reads the items of a chunk. */
  readonly load: (chunk: NewChunk) => Chunk;
}

/** True if a batch may be so small that it is run before it is stored. How much work it is shows later. */
export function mayRunAtOnce(
  { operation, options, then }: Pick<BatchWork, "operation" | "options" | "then">,
  items: number,
): boolean {
  if (isEndpointOperation(operation) || items > chunkItems(operation)) return false;
  return (then ?? options.stop_after_failures ?? options.start_at ?? null) === null;
}

/**
 * Runs the items of a new job that are all in one chunk, each to its end.
 *
 * @returns their states; null if it is to be stored and run as any other
 */
export async function runAtOnce(
  job: JobRecord<BatchWork>,
  [only]: readonly NewChunk[],
  deps: AtOnceDeps,
): Promise<readonly ItemState[] | null> {
  const { operation, options } = job.work;
  if (only?.size !== job.total || !mayRunAtOnce(job.work, job.total)) return null;
  const pipeline = await pipelineOf(operation);
  if (pipeline === null) return null;
  if (estimateWork(pipeline, only.size, only.items.byteLength) > MAX_WORK) return null;
  const chunk = deps.load(only);
  let states: ItemState[] = [];
  const { nextAt, hasOutage } = await runChunks({
    ...pipelineExecutor(pipeline, { ...deps, options: () => options }),
    ...deps,
    store: {
      unfinished: () => [0],
      load: () => chunk,
      save: (_, saved) => (states = [...saved]),
      keep: (_, state) => state,
    },
    mayRun: () => true,
  });
  return hasOutage || nextAt !== null ? null : states;
}
