// Accepts a batch: validates and stores its items, and starts it only if all are valid.
import type { AnyList } from "../../lib/any-array";
import { freeBytes } from "../../lib/free-bytes";
import { nextMidnight } from "../../lib/next-midnight";
import type { Uses } from "../callers/budgets";
import { DomainError, invalidBody, type Refusal } from "../errors";
import { unknownChannels } from "../notifications/channel-names";
import type { JobSummary } from "./batch";
import { BatchItems, type KnownNames } from "./batch-items";
import { MAX_ITEM_CHARACTERS } from "../platform";
import { isEndpointOperation, usesOfItems } from "./batch-operations";
import { createJob, type Decision } from "../jobs/decision";
import type { JobRecord } from "../jobs/job-record";
import { boundedOptions, startOf } from "./batch-options";
import { leaveFor } from "./call-leave";
import type { Taken, Upload } from "./intake";
import type { BatchWork, NewChunk } from "./job-record";

/** Items after which other requests of the isolate get to run. */
const ITEMS_PER_TURN = 500;
/** Items after which complete chunks are sent to the job. Each sending costs an object request and an alarm. */
const ITEMS_PER_APPEND = 2000;
const DAY_MS = 24 * 60 * 60_000;

/** A batch without its items. */
export interface BatchHead extends Omit<
  BatchWork,
  "kind" | "createdAt" | "columns" | "hasIds" | "leave"
> {
  /** The address whose budget its calls use; absent if they are not counted. */
  readonly payer?: string;
}

/** A new batch, with items that are all here. */
export interface Submission {
  readonly head: BatchHead;
  readonly items: AnyList;
  readonly maxItems: number;
}

/** A new batch, with items that come as a stream. */
export interface UploadSubmission {
  readonly head: BatchHead;
  readonly upload: Upload;
  readonly body: ReadableStream<Uint8Array>;
  /** True if the digest of the body is needed. */
  readonly isDigested: boolean;
  /**
   * Lets the request with this digest happen once, after its items are stored and before they run. Rejects if
   * it may not.
   */
  readonly begin: (digest: string | null) => Promise<void>;
}

/** An upload that its job has stored, or a refusal. */
export type Staged =
  | (Taken & { readonly digest: string | null; readonly stage: string })
  | Refusal
  /** Another request is storing items in this job. */
  | { readonly status: "busy" };

/** A job that was submitted. */
export interface Submitted {
  /** As it was created. */
  readonly summary: JobSummary;
  /** True if it was so small that nothing is left to be run. */
  readonly isOver: boolean;
}

/** The job of a batch that is not submitted yet. */
export interface EmptyJob {
  /** Stores chunks before the submit. Repeating it changes nothing. */
  append(chunks: readonly NewChunk[]): Promise<void>;
  /**
   * Stores the items of a body before the submit.
   *
   * @param admit asks if so many items in all may be stored; null if any number may
   */
  stage(
    upload: Upload,
    body: ReadableStream<Uint8Array>,
    isDigested: boolean,
    admit: ((count: number) => Promise<boolean>) | null,
  ): Promise<Staged>;
  /**
   * Starts the job, with its last chunks. Durable once it resolves; repeating it changes nothing.
   *
   * @param stage of the items, if they were staged
   * @returns null if other items were staged meanwhile
   */
  submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
    stage?: string,
  ): Promise<Submitted | null>;
  /** Deletes chunks that were never submitted. */
  discard(): Promise<void>;
}

/** Surroundings of a submission. */
export interface SubmitDeps extends Pick<KnownNames, "upstreams" | "channels"> {
  readonly job: EmptyJob;
  /** Lets the caller use so much of a day's budgets, before anything is stored. Rejects otherwise. */
  readonly admit: (uses: Uses) => Promise<void>;
  /** Returns those of the ids that belong to no user. */
  readonly missingUsers: (ids: readonly string[]) => Promise<readonly string[]>;
  readonly retentionDays: number;
  readonly yieldToOthers: () => Promise<void>;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/**
 * Stores a batch and starts it. Durable once it resolves.
 *
 * @throws DomainError `invalid-body` naming every bad item, at most 100; then nothing is stored
 */
export async function submitBatch(submission: Submission, deps: SubmitDeps): Promise<Submitted> {
  const { head, maxItems } = submission;
  const { operation, hasToken } = head;
  const { job, upstreams, channels, retentionDays } = deps;
  const items = new BatchItems({ operation, maxItems }, { upstreams, hasToken, channels });
  for (const { pointer, detail } of unknownChannels(head.notify, { channels, hasToken }))
    items.fault(detail, pointer);
  const admission = new Admission(head, deps);
  // Storing many takes long in comparison with a short request; several batches are stored one after another.
  if (submission.items.length > ITEMS_PER_TURN) await deps.yieldToOthers();
  try {
    await takeIn(submission, items, admission, deps);
    await items.checkAssignees(deps.missingUsers);
    const last = items.finish();
    await admission.admit(items.count);
    const { hasIds, count } = items;
    const work = workOf(head, { hasIds, columns: null, count }, deps.now());
    return started(await job.submit(work, items.count, retentionDays * DAY_MS, last));
  } catch (error) {
    // Chunks that were stored already are deleted at once instead of after the job's alarm.
    if (admission.hasBegun) await job.discard();
    throw error;
  }
}

async function takeIn(
  { head, items: values }: Submission,
  items: BatchItems,
  admission: Admission,
  { job, missingUsers, yieldToOthers }: SubmitDeps,
): Promise<void> {
  // Of data, which is stored as it came, only an object may tell an id.
  const isData = !isEndpointOperation(head.operation);
  const read = isData ? values.objects?.(MAX_ITEM_CHARACTERS) : undefined;
  for (const value of read ?? values) {
    items.add(value, { json: values.json });
    if (items.isOver) return;
    if (items.count % ITEMS_PER_APPEND === 0 || items.isFull) {
      await items.checkAssignees(missingUsers);
      const chunks = items.takeFull();
      if (chunks.length > 0) {
        await admission.admit(values.length);
        await job.append(chunks);
        freeBytes(chunks.map((chunk) => chunk.items));
      }
    }
    if (items.count % ITEMS_PER_TURN === 0) await yieldToOthers();
  }
}

/**
 * Stores a batch whose items come as a stream, and starts it. Durable once it resolves. The body is read to
 * its end, or to its limit, before it is refused.
 *
 * @returns the summary, or why the body could not be read
 * @throws DomainError `invalid-body` naming every bad item by its line, at most 100; then nothing is stored
 */
export async function submitUpload(
  { head, upload, body, isDigested, begin }: UploadSubmission,
  deps: SubmitDeps,
): Promise<Submitted | "too-large" | "not-utf8"> {
  const { job, retentionDays } = deps;
  const admission = new Admission(head, deps);
  const ask = head.hasToken ? null : (count: number) => admission.ask(count);
  const staged = await job.stage(upload, body, isDigested, ask);
  const { status } = staged;
  if (status === "too-large" || status === "not-utf8") return status;
  if (status === "not-admitted") throw admission.error;
  const taken = requireTaken(staged);
  try {
    await admission.admit(taken.count);
    await begin(taken.digest);
    const work = workOf(head, taken, deps.now());
    const retentionMs = retentionDays * DAY_MS;
    return started(await job.submit(work, taken.count, retentionMs, [], taken.stage));
  } catch (error) {
    await job.discard();
    throw error;
  }
}

type StagedItems = Extract<Staged, { status: "taken" }>;

/** The items of an upload that was taken in. @throws DomainError for one that was refused */
function requireTaken(staged: Staged): StagedItems {
  if (staged.status === "taken") return staged;
  if (staged.status === "faulty") throw invalidBody(staged.faults, staged.count);
  if (staged.status !== "refused") throw inProgress();
  const { code, detail, errors } = staged;
  throw new DomainError(code, detail, errors && { errors });
}

/** The first decision about the job of a batch. */
export function createBatchJob(
  work: BatchWork,
  parts: Pick<JobRecord, "total" | "retentionMs">,
  now: number,
): Decision<BatchWork> {
  const options = boundedOptions(work.options, work.hasToken);
  return createJob({ ...work, options }, { ...parts, startAt: startOf(options) }, now);
}

function started(submitted: Submitted | null): Submitted {
  if (submitted === null) throw inProgress();
  return submitted;
}

function inProgress(): DomainError {
  const detail = "The first request with this key is still running.";
  return new DomainError("idempotency-in-progress", detail, { retryAfterSeconds: 1 });
}

/** Amounts that the budgets of today pay: the calls of a batch that starts on a later day are that day's. */
function usesToday({ operation, options }: BatchHead, items: number, now: number): Uses {
  const uses = usesOfItems(operation, items);
  return (startOf(options) ?? 0) < nextMidnight(now) ? uses : { ...uses, calls: 0 };
}

function workOf(
  { payer, ...head }: BatchHead,
  { columns, hasIds, count }: Pick<StagedItems, "columns" | "hasIds" | "count">,
  createdAt: number,
): BatchWork {
  const { calls = 0 } = usesToday(head, count, createdAt);
  return {
    kind: "batch",
    ...head,
    createdAt,
    ...(payer !== undefined && { leave: leaveFor(payer, calls, createdAt) }),
    ...(columns !== null && { columns }),
    ...(hasIds && { hasIds }),
  };
}

/** Lets a submission in, as far as its items have come. */
class Admission {
  readonly #head: BatchHead;
  readonly #deps: Pick<SubmitDeps, "admit" | "now">;
  #admitted = 0;
  #error: unknown = undefined;

  /** True once the caller was admitted, so that chunks may be stored. */
  get hasBegun(): boolean {
    return this.#admitted > 0;
  }

  /** The refusal of `ask`, which cannot be thrown through an object. */
  get error(): unknown {
    return this.#error;
  }

  constructor(head: BatchHead, deps: Pick<SubmitDeps, "admit" | "now">) {
    this.#head = head;
    this.#deps = deps;
  }

  /** Lets in so many items in all. */
  async admit(count: number): Promise<void> {
    const items = count - this.#admitted;
    if (items <= 0) return;
    const isFirst = this.#admitted === 0;
    const { admit, now } = this.#deps;
    await admit({ ...(isFirst && { batches: 1 }), ...usesToday(this.#head, items, now()) });
    this.#admitted += items;
  }

  /** As `admit`, for a caller on the other side of an object: returns false instead of throwing. */
  async ask(count: number): Promise<boolean> {
    try {
      await this.admit(count);
      return true;
    } catch (error) {
      this.#error = error;
      return false;
    }
  }
}
