// What the routes of batches share.
import * as v from "valibot";
import {
  isOver,
  toBatch,
  type Batch,
  type ItemResult,
  type JobSummary,
} from "../../domain/batches/batch";
import { DomainError } from "../../domain/errors";
import { etagOf } from "../../http/etag";
import { HttpError } from "../../http/problem";
import { batchJob } from "../../runtime/jobs";
import { MAX_BATCH_ITEMS, MAX_RESULTS_PER_PAGE, ROW_BYTES } from "../../domain/platform";

/** A path with the id of a batch. */
export const BatchParams = v.object({ id: v.pipe(v.string(), v.uuid(), v.toLowerCase()) });

/** Results in the reply to a caller who waited: all of a JSON body's; the rest is behind `next_cursor`. */
const MAX_INLINE_RESULTS = MAX_BATCH_ITEMS;
/** Their JSON: at two bytes a character the reply, which may be kept for repeats, fits into a row. */
const MAX_INLINE_CHARACTERS = ROW_BYTES / 2 - 100_000;
/** Between looks at a batch that did not end with its first slice. */
const POLL_MS = 200;

/** @throws DomainError `not-found` */
export async function findBatch(env: Env, id: string): Promise<JobSummary> {
  return (await batchJob(env, id).summary()) ?? unknownBatch();
}

/** The ETag of a batch: equal as long as its representation is, but for its pace. */
export function batchEtag(summary: JobSummary): string {
  const { status, succeeded, failed, lastResultAt, finishedAt, expiresAt } = summary;
  return etagOf([status, succeeded, failed, lastResultAt, finishedAt, expiresAt].join("-"));
}

/** @throws DomainError `not-found` */
export function unknownBatch(): never {
  throw new DomainError("not-found", "There is no batch with this id; it may have expired.");
}

/** Results from an index on, page by page. */
export async function* allResults(
  env: Env,
  id: string,
  only: ItemResult["status"] | null,
): AsyncGenerator<readonly ItemResult[]> {
  for (let from: number | null = 0; from !== null;) {
    const page: Awaited<ReturnType<ReturnType<typeof batchJob>["results"]>> = await batchJob(
      env,
      id,
    ).results(from, MAX_RESULTS_PER_PAGE, only);
    if (page === null) return;
    yield page.results;
    from = page.next;
  }
}

/** A finished batch with its results. */
export type FinishedBatch = Batch & { results: ItemResult[]; next_cursor: string | null };

/** The finished batch with its results, or how far it is when it was not done in time. */
export async function waitForBatch(
  env: Env,
  id: string,
  ms: number,
  slice: Promise<void>,
): Promise<FinishedBatch | JobSummary> {
  const endsAt = Date.now() + ms;
  await Promise.race([slice.catch(() => undefined), scheduler.wait(ms)]);
  for (;;) {
    const summary = await findBatch(env, id);
    if (isOver(summary)) return withResults(env, id, summary);
    if (Date.now() >= endsAt) return summary;
    await scheduler.wait(Math.min(POLL_MS, Math.max(1, endsAt - Date.now())));
  }
}

async function withResults(env: Env, id: string, summary: JobSummary) {
  const results: ItemResult[] = [];
  let characters = 0;
  for await (const page of allResults(env, id, null)) {
    for (const result of page) {
      characters += JSON.stringify(result).length;
      const isFull = results.length === MAX_INLINE_RESULTS || characters > MAX_INLINE_CHARACTERS;
      // What is left out can be read from here.
      if (isFull)
        return { ...toBatch(id, summary), results, next_cursor: encodeIndex(result.index) };
      results.push(result);
    }
  }
  return { ...toBatch(id, summary), results, next_cursor: null };
}

/** A cursor in a batch's results: the index to go on from. */
export function encodeIndex(index: number): string {
  return `i${index.toString(36)}`;
}

/** @throws HttpError `malformed-request` */
export function decodeIndex(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^i[0-9a-z]{1,8}$/.test(cursor))
    throw new HttpError("malformed-request", "cursor: not one of ours.");
  return Number.parseInt(cursor.slice(1), 36);
}
