// Dependencies of jobs on the runtime.
import type { BatchWork } from "../domain/batches/job-record";
import type { ExecutorDeps } from "../domain/batches/executor";
import { isKeptId } from "../domain/batches/kept-batch";
import { RequestBudget } from "../domain/batches/request-budget";
import { createItemRunner, type EndpointDeps } from "../domain/batches/run-endpoint-items";
import type { EmptyJob, SubmitDeps } from "../domain/batches/submit-batch";
import { fileTask } from "../domain/records/file-task";
import { signUp } from "../domain/records/sign-up";
import { LANGUAGES } from "../lib/languages";
import { Mutex } from "../lib/mutex";
import { readConfig } from "../env";
import type { AssetsEnv } from "./assets";
import { itemId } from "./item-id";
import { keepBatch } from "./keep-batch";
import { batchJob, openLane, uploadJob, type JobsEnv } from "./jobs";
import { createCallContext } from "./outgoing";
import { Records } from "./record-context";
import { createRunOptions } from "./run-options";
import { tasksIn, usersIn, type TablesEnv } from "./tables";
import { yieldToOthers } from "./yield-to-others";

/** Bindings that batches use. */
type BatchEnv = AssetsEnv & JobsEnv & TablesEnv;

/** Dependencies for taking in the batch with this id. */
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
    submit: async (...submit) =>
      (isKeptId(id) ? await keepBatch(env, ...submit) : null) ?? job.submit(...submit),
    discard: () => job.discard(),
  };
}

/** Dependencies for running the items of a job, besides what only the job itself knows. */
export function createExecutorDeps(
  env: BatchEnv,
  jobName: string,
  work: BatchWork,
): Omit<ExecutorDeps, "options" | "keptBytes"> {
  const { upstreams, limits } = readConfig(env).config;
  const bodies = new Mutex();
  return {
    random: Math.random,
    upstreams,
    runOptions: createRunOptions(env),
    importRecords: (kind, records) =>
      (kind === "users" ? usersIn(env) : tasksIn(env)).importRecords(
        records.map(([index, json]) => ({ json, importedBy: `${work.id}.${index}` })),
      ),
    openLane: (lane) => openLane(env, `${jobName}/lane/${lane}`, work, bodies),
    requestsPerInvocation: limits.subrequests,
  };
}

/** Batches of callers without a token are one caller to an upstream's quota: who submitted them is not kept. */
const BATCHES = "batches";

/** Returns what attempts items in one invocation of a lane, whose connections and requests they share. */
export function createLaneRunner(
  work: BatchWork,
  env: BatchEnv,
  ctx: Pick<ExecutionContext, "waitUntil">,
): ReturnType<typeof createItemRunner> {
  const { id, createdAt, origin, hasToken, signUps } = work;
  const { config } = readConfig(env);
  // Absent if addresses had nothing to confirm yet when the batch was sent.
  const { caller, language } = signUps ?? { caller: id, language: LANGUAGES[0] };
  const records = new Records(env, { hasToken, origin, asker: { key: caller }, language });
  const deps: EndpointDeps = {
    calls: {
      context: createCallContext(config, origin, ctx, { env, caller: hasToken ? null : BATCHES }),
      upstreams: config.upstreams,
    },
    itemId: (index) => itemId(id, createdAt, index),
    signUp: (body, userId) => signUp(body, userId, records),
    fileTask: (body, taskId) => fileTask(body, taskId, records),
  };
  return createItemRunner(work, deps, new RequestBudget(config.limits.subrequests));
}
