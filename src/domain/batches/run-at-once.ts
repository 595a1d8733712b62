// Runs a small batch that only computes before it is stored: its items, their results and the record of its end are
// then written once, instead of as they wait, begin and end.
import { runChunks, type ChunkRunDeps } from "../jobs/chunk-run";
import type { Chunk, ItemState } from "../jobs/job";
import type { JobRecord } from "../jobs/job-record";
import type { Rest } from "../jobs/window-run";
import { estimateWork } from "../operations";
import { isEndpointOperation } from "./batch-operations";
import { pipelineExecutor, type ExecutorDeps } from "./executor";
import type { BatchWork, NewChunk } from "./job-record";
import { pipelineOf } from "./pipeline-of";

/** Units of work (`operations/price.ts`), five milliseconds at worst: the reply to the submit waits for them. */
const MAX_WORK = 500_000;

/** Surroundings of a run. */
interface AtOnceDeps
  extends Pick<ExecutorDeps, "random" | "runOptions">, Pick<ChunkRunDeps, "yieldToOthers" | "now"> {
  /** Reads the items of a chunk. */
  readonly load: (chunk: NewChunk) => Chunk;
}

/** A first run of a job that is not stored yet. */
export interface RanAtOnce {
  /** All items. */
  readonly chunk: Chunk;
  readonly states: readonly ItemState[];
  readonly rest: Rest;
}

/** Runs the items of a new job that are all in one chunk; null if it is to be stored and run as any other. */
export async function runAtOnce(
  job: JobRecord<BatchWork>,
  [only]: readonly NewChunk[],
  deps: AtOnceDeps,
): Promise<RanAtOnce | null> {
  const { operation, options, then } = job.work;
  if (only?.size !== job.total || job.status !== "queued") return null;
  if (isEndpointOperation(operation) || (then ?? options.stop_after_failures) !== undefined)
    return null;
  const pipeline = await pipelineOf(operation);
  if (pipeline === null) return null;
  if (estimateWork(pipeline, only.size, only.items.byteLength) > MAX_WORK) return null;
  const chunk = deps.load(only);
  let states: ItemState[] = [];
  const rest = await runChunks({
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
  return rest.hasOutage ? null : { chunk, states, rest };
}
