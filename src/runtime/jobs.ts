// Stubs of jobs. The only place that gives them a type: the platform's own mapping would turn each `unknown`
// inside an item into `never`.
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import type { RetryChoice } from "../domain/batches/retry-choice";
import { withoutBody } from "../domain/batches/call-outcome";
import type { BatchChange } from "../domain/batches/change-batch";
import type { JobSummary } from "../domain/batches/batch";
import type { StoredLeave } from "../domain/batches/call-leave";
import type { BatchWork, Steered } from "../domain/batches/job-record";
import { isKeptId } from "../domain/batches/kept-batch";
import type { EmptyJob } from "../domain/batches/submit-batch";
import type { Refusal } from "../domain/errors";
import type { LaneOutcome, LaneSession } from "../domain/jobs/lanes";
import type { JobStatus } from "../domain/jobs/job-record";
import type { JobAction } from "../domain/jobs/transitions";
import type { Start } from "../domain/jobs/window";
import { readExactJson } from "../lib/exact-json";
import { putHeld, type HeldParts } from "../lib/held-json";
import type { Mutex } from "../lib/mutex";
import { openObject } from "./objects";
import { batchesIn } from "./tables";

/** The bindings of the jobs, and of the register that keeps small batches. */
export type JobsEnv = Pick<Env, "JOBS" | "TABLES">;

/** Result of an action; null if there is no such job. */
export type ActionResult = {
  readonly summary: JobSummary;
  readonly isDone: boolean;
  /** The reason why it is not done, other than the job's state. */
  readonly refusal?: Refusal;
} | null;

/** The interface of a job, called from outside. */
export interface JobStub extends EmptyJob {
  /** Runs items for one slice, or joins whoever runs them. */
  run(): Promise<void>;
  summary(): Promise<JobSummary | null>;
  results(query: ResultsQuery): Promise<StoredPage | null>;
  /**
   * @param choice of items, for a retry
   * @param leave that whoever retries has paid for; absent if calls are not counted
   */
  act(
    action: JobAction,
    choice?: RetryChoice,
    leave?: StoredLeave,
    by?: Steered,
  ): Promise<ActionResult>;
  /** Changes options, label and metadata by a valid merge patch; returns null if there is no such job. */
  change(patch: BatchChange, by?: Steered): Promise<JobSummary | Refusal | null>;
  /** Deletes the job; returns false if there is none. */
  remove(by?: Steered): Promise<Refusal | boolean>;
  /** Deletes a job in one of these states, and leaves the register to the caller; false if it is in another. */
  removeIn(statuses: readonly JobStatus[], requestId: string): Promise<boolean>;
}

/** The interface of a job's lane. */
interface LaneStub {
  openLane(work: BatchWork): Promise<LaneTargetStub>;
}

/** An outcome as JSON, the form in which it is stored; a large body is fetched apart from it. */
export interface SentOutcome {
  readonly json: string;
  readonly hasBody: boolean;
}

/** One invocation of a lane. */
interface LaneTargetStub extends Partial<Disposable> {
  run(start: Start): Promise<SentOutcome>;
  body(index: number): Promise<HeldParts | null>;
  taken(index: number): Promise<void>;
}

/** The job of this batch, or the register in its place as long as that keeps the whole of it. */
export function batchJob(env: JobsEnv, id: string): JobStub {
  const job = jobOf(env, id);
  if (!isKeptId(id)) return job;
  const register = batchesIn(env);
  const ownWay = {
    summary: () => {
      const kept = register.readKept(id, null).then((page) => page && page.summary);
      return keptOr(kept, () => job.summary());
    },
    results: (query) => keptOr(register.readKept(id, query), () => job.results(query)),
  } satisfies Partial<JobStub>;
  return Object.assign(Object.create(job), ownWay);
}

function jobOf({ JOBS }: JobsEnv, id: string): JobStub {
  return openObject<JobStub>(() => JOBS.getByName(`${PREFIX}${id}`));
}

/** Before a batch's id, the name of its job. */
const PREFIX = "batch:";

/** The id of the batch whose job has this name. */
export function batchOf(name = ""): string {
  return name.slice(PREFIX.length);
}

/** The answer of the register, or of the job where the register has none or cannot be asked. */
async function keptOr<T>(asked: Promise<T | null>, askJob: () => Promise<T | null>) {
  let fault: unknown = null;
  const kept = await asked.catch((error: unknown) => {
    fault = error;
    return null;
  });
  const told = kept ?? (await askJob());
  // The register may keep what the job does not know of.
  if (told === null && fault !== null) throw fault;
  return told;
}

/** Deletes a batch; returns false if there is none. */
export async function removeJob(env: JobsEnv, id: string, by: Steered): Promise<Refusal | boolean> {
  const [kept = null] = isKeptId(id) ? await batchesIn(env).removeKept([id], by) : [];
  if (kept !== null) return kept;
  let tries = 0;
  const job = openObject<JobStub>(() => {
    tries += 1;
    return env.JOBS.getByName(`${PREFIX}${id}`);
  });
  const removed = await job.remove(by);
  // The call before this one was cut off, and it is gone: that call has deleted it.
  return removed === false ? tries > 1 : removed;
}

/** The job of a batch that is being uploaded: a stream cannot be read twice, so no call is repeated. */
export function uploadJob({ JOBS }: Pick<JobsEnv, "JOBS">, id: string): Pick<JobStub, "stage"> {
  return openObject<JobStub>(() => JOBS.getByName(`${PREFIX}${id}`), 1);
}

/**
 * Starts an invocation of a lane: another object, which stores nothing and has connections of its own.
 *
 * @param bodies lets large bodies cross one by one, from all lanes of a job: each takes its size several times
 */
export async function openLane(
  { JOBS }: Pick<JobsEnv, "JOBS">,
  name: string,
  work: BatchWork,
  bodies: Mutex,
): Promise<LaneSession> {
  // One attempt: the job itself decides about repeating.
  const stub = openObject<LaneStub>(() => JOBS.getByName(name), 1);
  const target = await stub.openLane(work);
  return {
    run: async (start) => {
      const { json, hasBody } = await target.run(start);
      // Not validated, since the lane wrote it.
      const outcome = readExactJson(json) as LaneOutcome;
      return hasBody ? bodies.run(() => withBody(outcome, start, target)) : outcome;
    },
    close: () => target[Symbol.dispose]?.(),
  };
}

async function withBody(
  outcome: LaneOutcome,
  { index, isOnce }: Start,
  target: LaneTargetStub,
): Promise<LaneOutcome> {
  const { attempt } = outcome;
  const body = await target.body(index).catch((error: unknown) => {
    // A receipt of what must not be repeated is worth more than its body.
    if (!isOnce) throw error;
    return null;
  });
  if (body === null) return withoutBody(outcome);
  // The lane may be gone, and with it what it has sent.
  target.taken(index).catch(() => undefined);
  putHeld(Object(attempt).output, body);
  return outcome;
}
