// Accepts a batch: validates and stores its items as they are read, and starts it only if all are valid.
import type { Uses } from "../callers/budgets";
import { unknownChannels } from "../notifications/channel-names";
import type { BatchOptions, JobSummary } from "./batch";
import { BatchItems, type ItemSource, type KnownNames } from "./batch-items";
import { usesOfItems } from "./batch-operations";
import type { BatchWork, NewChunk } from "./job-record";

/** Items after which other requests of the isolate get to run. */
const ITEMS_PER_TURN = 500;
/** Items after which complete chunks are sent to the job. Each sending costs an object request and an alarm. */
const ITEMS_PER_APPEND = 2000;
const DAY_MS = 24 * 60 * 60_000;

/** A new batch, whose items are still being read. */
export interface Submission {
  readonly id: string;
  readonly operation: unknown;
  readonly options: BatchOptions;
  /** Channels that get the event of the batch's end. */
  readonly notify: readonly string[];
  readonly maxItems: number;
  /** How many items there are, where that is known before they are read. */
  readonly count: number | null;
  readonly origin: string;
  readonly hasToken: boolean;
  /** True if the items are records of an export, to be stored unchanged. */
  readonly isImport?: boolean;
  readonly signUps?: BatchWork["signUps"];
  /** The items, or for an item that cannot be read the reason. */
  readonly records: Iterable<
    | (ItemSource & { readonly item: unknown })
    | { readonly unreadable: string; readonly line?: number }
  >;
}

/** The job of a batch that is not submitted yet. */
export interface EmptyJob {
  /** Stores chunks before the submit. Repeating it changes nothing. */
  append(chunks: readonly NewChunk[]): Promise<void>;
  /** Starts the job, with its last chunks. Durable once it resolves; repeating it changes nothing. */
  submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
  ): Promise<JobSummary>;
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
export async function submitBatch(submission: Submission, deps: SubmitDeps): Promise<JobSummary> {
  const { id, operation, options, notify, origin, hasToken, maxItems, isImport, signUps } =
    submission;
  const { job, upstreams, channels } = deps;
  const admission = new Admission(submission, deps.admit);
  const items = new BatchItems(operation, { upstreams, hasToken, channels }, maxItems, isImport);
  for (const { pointer, detail } of unknownChannels(notify, { channels, hasToken }))
    items.fault(detail, pointer);
  // Storing takes long in comparison with a short request, so it first yields; several batches are stored one
  // after another.
  await deps.yieldToOthers();
  try {
    await takeIn(submission, items, admission, deps);
    await items.checkAssignees(deps.missingUsers);
    const last = items.finish();
    await admission.admit(items.count);
    const kind = "batch" as const;
    const shared = {
      kind,
      id,
      createdAt: deps.now(),
      operation,
      options,
      origin,
      hasToken,
      notify,
    };
    const work = { ...shared, ...(isImport && { isImport }), ...(signUps && { signUps }) };
    return await job.submit(work, items.count, deps.retentionDays * DAY_MS, last);
  } catch (error) {
    // Chunks that were stored already are deleted at once instead of after the job's alarm.
    if (admission.hasBegun) await job.discard();
    throw error;
  }
}

/** Lets a submission in: at once where it is small or of known size, else as it comes in. */
class Admission {
  readonly #submission: Pick<Submission, "operation" | "count">;
  readonly #admit: SubmitDeps["admit"];
  #admitted = 0;

  /** True once the caller was admitted, so that chunks may be stored. */
  get hasBegun(): boolean {
    return this.#admitted > 0;
  }

  constructor(submission: Pick<Submission, "operation" | "count">, admit: SubmitDeps["admit"]) {
    this.#submission = submission;
    this.#admit = admit;
  }

  /** Lets all in that has been taken so far. */
  async admit(taken: number): Promise<void> {
    const { operation, count } = this.#submission;
    const items = (count ?? taken) - this.#admitted;
    if (items <= 0) return;
    const isFirst = this.#admitted === 0;
    await this.#admit({ ...(isFirst && { batches: 1 }), ...usesOfItems(operation, items) });
    this.#admitted += items;
  }
}

async function takeIn(
  { records }: Submission,
  items: BatchItems,
  admission: Admission,
  { job, missingUsers, yieldToOthers }: SubmitDeps,
): Promise<void> {
  for (const record of records) {
    if ("unreadable" in record) items.addUnreadable(record.unreadable, record.line);
    else items.add(record.item, record);
    if (items.isOver) return;
    if (items.count % ITEMS_PER_APPEND === 0 || items.isFull) {
      await items.checkAssignees(missingUsers);
      const chunks = items.takeFull();
      if (chunks.length > 0) {
        await admission.admit(items.count);
        await job.append(chunks);
      }
    }
    if (items.count % ITEMS_PER_TURN === 0) await yieldToOthers();
  }
}
