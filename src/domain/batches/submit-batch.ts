// Taking a batch in: every item is validated while it is stored, and nothing starts before all are.
import { unknownChannels } from "../notifications/channel-names";
import type { BatchOptions, JobSummary } from "./batch";
import { BatchItems, type KnownNames } from "./batch-items";
import type { BatchWork, NewChunk } from "./job-record";

/** Others have their turn after so many items. */
const ITEMS_PER_TURN = 500;
/** Chunks go to the job after so many items: each time is a call and an alarm. */
const ITEMS_PER_APPEND = 2000;
const DAY_MS = 24 * 60 * 60_000;

/** A batch to be taken in. */
export interface Submission {
  readonly id: string;
  readonly operation: unknown;
  readonly options: BatchOptions;
  /** Channels that are told of the end. */
  readonly notify: readonly string[];
  readonly maxItems: number;
  readonly origin: string;
  readonly hasToken: boolean;
  /** Whether the items are records of an export, to be kept as they are. */
  readonly isImport?: boolean;
  /** Items, or what keeps one from being read. */
  readonly records: Iterable<
    { readonly item: unknown; readonly json?: string } | { readonly unreadable: string }
  >;
}

/** The job of a batch that is to be. */
export interface EmptyJob {
  /** Keeps chunks for a submit to come. Repeating it changes nothing. */
  append(chunks: readonly NewChunk[]): Promise<void>;
  /** Starts the job, with its last chunks. Durable once it returns; a repeat changes nothing. */
  submit(
    work: BatchWork,
    total: number,
    retentionMs: number,
    chunks: readonly NewChunk[],
  ): Promise<JobSummary>;
  /** Drops chunks that were never submitted. */
  discard(): Promise<void>;
}

/** What taking a batch in needs from outside. */
export interface SubmitDeps extends Pick<KnownNames, "upstreams" | "channels"> {
  readonly job: EmptyJob;
  /** Those of these ids that are of no user. */
  readonly missingUsers: (ids: readonly string[]) => Promise<readonly string[]>;
  readonly retentionDays: number;
  readonly yieldToOthers: () => Promise<void>;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/**
 * Stores a batch. It is durable once this returns.
 *
 * @throws DomainError `invalid-body` naming every bad item, at most 100; then nothing is kept
 */
export async function submitBatch(submission: Submission, deps: SubmitDeps): Promise<JobSummary> {
  const { id, operation, options, notify, origin, hasToken, maxItems, isImport } = submission;
  const { job, upstreams, channels } = deps;
  const items = new BatchItems(operation, { upstreams, hasToken, channels }, maxItems, isImport);
  for (const { pointer, detail } of unknownChannels(notify, { channels, hasToken }))
    items.fault(detail, pointer);
  // Storing takes longer than a short request may wait; batches that come at once are stored in turn.
  await deps.yieldToOthers();
  try {
    await takeIn(submission, items, deps);
    await items.checkAssignees(deps.missingUsers);
    const last = items.finish();
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
    const work = { ...shared, ...(isImport && { isImport }) };
    return await job.submit(work, items.count, deps.retentionDays * DAY_MS, last);
  } catch (error) {
    // Chunks that are there already would only wait to be abandoned.
    await job.discard();
    throw error;
  }
}

async function takeIn(
  { records }: Submission,
  items: BatchItems,
  { job, missingUsers, yieldToOthers }: SubmitDeps,
): Promise<void> {
  for (const record of records) {
    if ("unreadable" in record) items.addUnreadable(record.unreadable);
    else items.add(record.item, record.json);
    if (items.isOver) return;
    if (items.count % ITEMS_PER_APPEND === 0 || items.isFull) {
      await items.checkAssignees(missingUsers);
      const chunks = items.takeFull();
      if (chunks.length > 0) await job.append(chunks);
    }
    if (items.count % ITEMS_PER_TURN === 0) await yieldToOthers();
  }
}
