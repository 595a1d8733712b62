// Chooses how the items of a batch are run: what only computes in chunks inside the job's object, what waits for
// something else item by item in lanes, each an object of its own.
import { backoffDelay } from "../../lib/retry-delay";
import type { ChunkRunDeps } from "../jobs/chunk-run";
import type { LaneOpener, LaneSession } from "../jobs/lanes";
import type { WindowDeps } from "../jobs/window";
import type { NamedUpstreams } from "../calls/prepare-call";
import type { Pipeline, RunOptions } from "../operations";
import { DEFAULT_MAX_ATTEMPTS, type BatchOptions } from "./batch-options";
import { isEndpointOperation } from "./batch-operations";
import { withoutBody } from "./call-outcome";
import { isImportKind, runImport, type ImportRecords } from "./import-items";
import type { BatchWork } from "./job-record";
import { pipelineOf } from "./pipeline-of";
import { createPlanner } from "./plan-item";
import { REQUESTS_PER_ITEM } from "./run-endpoint-items";
import { runPipelineItems } from "./run-pipeline-items";

/** Items of a chunk of pure work: few rows, and with short texts a millisecond or two of work for each chunk. */
const PIPELINE_CHUNK_ITEMS = 1000;
/** Items of a chunk whose items are sent one by one, and which is saved again with each second's results. */
const ENDPOINT_CHUNK_ITEMS = 100;
/** Bytes of large results that one batch keeps. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** Items in each chunk of this operation. */
export function chunkItems(operation: unknown, isImport = false): number {
  return isEndpointOperation(operation) && !isImport ? ENDPOINT_CHUNK_ITEMS : PIPELINE_CHUNK_ITEMS;
}

/** Surroundings of a job's items: randomness, imports and lanes. */
export interface ExecutorDeps extends Pick<NamedUpstreams, "upstreams"> {
  /** Returns a number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  readonly runOptions: RunOptions;
  readonly importRecords: ImportRecords;
  readonly openLane: LaneOpener["open"];
  /** Outgoing requests that one invocation may send. */
  readonly requestsPerInvocation: number;
  /** Options of the batch as they are now. */
  readonly options: () => BatchOptions;
  /** Bytes of the large results that are kept so far. */
  readonly keptBytes: () => number;
}

/** A way to run items chunk by chunk. */
type ChunkExecutor = { readonly kind: "chunks" } & Pick<
  ChunkRunDeps,
  "runChunk" | "isPure" | "maxAttempts" | "delay"
>;

/** A way to run the items of a batch. */
export type Executor =
  | ChunkExecutor
  | ({ readonly kind: "lanes"; readonly opener: LaneOpener } & Pick<WindowDeps, "plan" | "delay">);

/** Creates the executor for this work; null if its operation does not exist any more. */
export async function createExecutor(
  work: BatchWork,
  deps: ExecutorDeps,
): Promise<Executor | null> {
  const { operation } = work;
  const { random, options } = deps;
  const delay = (attempts: number) => backoffDelay(attempts, random);
  if (isEndpointOperation(operation) && work.isImport !== true) {
    const plan = createPlanner(work, deps);
    return {
      kind: "lanes",
      delay,
      plan: (item) => plan(item, options()),
      opener: {
        requests: deps.requestsPerInvocation,
        requestsPerItem: REQUESTS_PER_ITEM[operation],
        // Only calls are cut off where it is more after all, and sent again.
        usualRequests: operation === "external-api" ? 1 : REQUESTS_PER_ITEM[operation],
        open: async (lane) => bounded(await deps.openLane(lane), deps.keptBytes),
      },
    };
  }
  const { max_attempts: maxAttempts = DEFAULT_MAX_ATTEMPTS } = options();
  if (isImportKind(operation) && work.isImport === true) {
    const runChunk: ChunkRunDeps["runChunk"] = async (due, report) =>
      void (await report(await runImport(operation, due, deps.importRecords)));
    return { kind: "chunks", isPure: false, maxAttempts, delay, runChunk };
  }
  const pipeline = await pipelineOf(operation);
  return pipeline === null ? null : pipelineExecutor(pipeline, deps);
}

/** Runs items through a pipeline. */
export function pipelineExecutor(
  pipeline: Pipeline,
  { options, random, runOptions }: Pick<ExecutorDeps, "options" | "random" | "runOptions">,
): ChunkExecutor {
  return {
    kind: "chunks",
    isPure: true,
    maxAttempts: options().max_attempts ?? DEFAULT_MAX_ATTEMPTS,
    delay: (attempts) => backoffDelay(attempts, random),
    runChunk: (due, report) => runPipelineItems(pipeline, due, runOptions, report),
  };
}

/** A lane whose results come without bodies once the batch keeps as many as it may. */
function bounded(session: LaneSession, keptBytes: () => number): LaneSession {
  return {
    run: async (start) => {
      const outcome = await session.run(start);
      return keptBytes() > MAX_KEPT_BYTES ? withoutBody(outcome) : outcome;
    },
    close: () => session.close(),
  };
}
