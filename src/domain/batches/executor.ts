// How a batch's chunks are run: pure operations where the rows are, calls in lanes of their own.
import { isEndpointOperation, pipelineOf } from "./batch-operations";
import type { Executor } from "../jobs/job";
import { backoffDelay } from "../../lib/retry-delay";
import * as v from "valibot";
import { deliveryDelay, Delivery } from "../notifications/notifications";
import { readConfig } from "../../env";
import { createOutgoing } from "../../runtime/outgoing";
import type { BatchWork, JobWork, NotificationWork } from "./job-record";
import { deliver } from "../notifications/deliver";
import { laneOf, readMade } from "../../runtime/jobs";
import { runPipelineItems } from "./run-items";
import { CONNECTIONS_PER_INVOCATION } from "../platform";

/** Items of a chunk of pure work: rows are few, and of short texts each is done in about a millisecond. */
const PIPELINE_CHUNK_ITEMS = 500;
/** Two rounds of an invocation's connections; with two repeats each, these stay within its requests. */
const ENDPOINT_CHUNK_ITEMS = 2 * CONNECTIONS_PER_INVOCATION;
/** More items than this are worth another lane. */
const ITEMS_PER_LANE = 100;
const MAX_LANES = 8;
/** Attempts at an item of a batch that does not say. */
const DEFAULT_MAX_ATTEMPTS = 3;

/** Items in a chunk of this operation. */
export function chunkItems(operation: unknown): number {
  return isEndpointOperation(operation) ? ENDPOINT_CHUNK_ITEMS : PIPELINE_CHUNK_ITEMS;
}

/** How the chunks of this work are run. */
export async function createExecutor(
  work: JobWork,
  total: number,
  env: Env,
  jobName: string,
): Promise<Executor> {
  return work.kind === "notification"
    ? createDeliveryExecutor(work, total, env)
    : createBatchExecutor(work, total, env, jobName);
}

/** Channels are few and slow, and one must not hold up another: each has a lane. */
function createDeliveryExecutor({ event }: NotificationWork, total: number, env: Env): Executor {
  const { config } = readConfig(env);
  const outgoing = createOutgoing(config);
  return {
    lanes: Math.min(CONNECTIONS_PER_INVOCATION, total),
    isPure: false,
    retryDelay: (attempts) => deliveryDelay(attempts, Math.random),
    runChunk: (_, due) =>
      Promise.all(
        due.map(async ({ index, item }) => {
          const delivery = v.parse(Delivery, item);
          return [index, await deliver(delivery, event, { config, outgoing, env })] as const;
        }),
      ),
  };
}

async function createBatchExecutor(
  work: BatchWork,
  total: number,
  env: Env,
  jobName: string,
): Promise<Executor> {
  const { operation, options } = work;
  const { max_attempts = DEFAULT_MAX_ATTEMPTS } = options;
  const retryDelay = (attempts: number) =>
    attempts >= max_attempts ? null : backoffDelay(attempts, Math.random);
  if (!isEndpointOperation(operation)) {
    const pipeline = await pipelineOf(operation);
    return {
      lanes: 1,
      isPure: true,
      retryDelay,
      runChunk: (_, due, report) => runPipelineItems(pipeline, due, env, report),
    };
  }
  // A batch that wants fewer than one lane's wants them in all.
  const lanes =
    options.concurrency < CONNECTIONS_PER_INVOCATION
      ? 1
      : Math.min(MAX_LANES, Math.ceil(total / ITEMS_PER_LANE));
  return {
    lanes,
    isPure: false,
    retryDelay,
    runChunk: async (lane, due, report) => {
      const reportFrom = async (made: Uint8Array) => report(readMade(made));
      return readMade(await laneOf(env, jobName, lane).runItems(work, due, reportFrom));
    },
  };
}
