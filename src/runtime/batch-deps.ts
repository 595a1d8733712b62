// Dependencies of jobs on the runtime.
import type { BatchWork } from "../domain/batches/job-record";
import type { ExecutorDeps } from "../domain/batches/executor";
import type { EndpointDeps } from "../domain/batches/run-endpoint-items";
import type { EmptyJob, SubmitDeps } from "../domain/batches/submit-batch";
import { fileTask } from "../domain/records/file-task";
import { signUp } from "../domain/records/sign-up";
import { readConfig } from "../env";
import type { AssetsEnv } from "./assets";
import { systemClock } from "./clock";
import { itemId } from "./item-id";
import { batchJob, laneOf, readMade, uploadJob, type JobsEnv } from "./jobs";
import { createCallContext } from "./outgoing";
import { createRecordContext } from "./record-context";
import { createRunOptions } from "./run-options";
import { tasksIn, usersIn, type TablesEnv } from "./tables";
import { yieldToOthers } from "./yield-to-others";

/** Bindings that batches use. */
type BatchEnv = AssetsEnv & JobsEnv & TablesEnv;

/** For taking in the batch with this id. */
export function createSubmitDeps(
  id: string,
  admit: SubmitDeps["admit"],
  env: BatchEnv,
): SubmitDeps {
  const { upstreams, channels, limits } = readConfig(env).config;
  return {
    job: jobToSubmit(id, env),
    admit,
    upstreams,
    channels,
    missingUsers: (ids) => usersIn(env).missing(ids),
    retentionDays: limits.batchRetentionDays,
    yieldToOthers,
    now: () => Date.now(),
  };
}

function jobToSubmit(id: string, env: BatchEnv): EmptyJob {
  const job = batchJob(env, id);
  return {
    append: (chunks) => job.append(chunks),
    stage: (...upload) => uploadJob(env, id).stage(...upload),
    submit: (...submit) => job.submit(...submit),
    discard: () => job.discard(),
  };
}

/** Dependencies for running the chunks of a job. */
export function createExecutorDeps(env: BatchEnv, jobName: string): ExecutorDeps {
  return {
    random: Math.random,
    runOptions: createRunOptions(env),
    importRecords: (kind, records) =>
      (kind === "users" ? usersIn(env) : tasksIn(env)).importRecords(records),
    runInLane: async (lane, work, due, report) => {
      const reportFrom = async (made: Uint8Array) => report(readMade(made));
      return readMade(await laneOf(env, jobName, lane).runItems(work, due, reportFrom));
    },
  };
}

/** Batches of callers without a token are one caller to an upstream's quota: who submitted them is not kept. */
const BATCHES = "batches";

/** Dependencies for the items of a batch that one invocation runs, which share its connections. */
export function createEndpointDeps(
  { id, createdAt, origin, hasToken }: BatchWork,
  env: BatchEnv,
  ctx: Pick<ExecutionContext, "waitUntil">,
): Omit<EndpointDeps, "report"> {
  const { config } = readConfig(env);
  const records = createRecordContext(env, { hasToken, origin });
  return {
    clock: systemClock,
    calls: {
      context: createCallContext(config, origin, ctx, { env, caller: hasToken ? null : BATCHES }),
      upstreams: config.upstreams,
    },
    itemId: (index) => itemId(id, createdAt, index),
    signUp: (body, userId) => signUp(body, userId, records),
    fileTask: (body, taskId) => fileTask(body, taskId, records),
  };
}
