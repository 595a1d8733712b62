// Replies and parameters that the routes of batches share.
import * as v from "valibot";
import { isOver, shownOf, toBatch, type Batch, type JobSummary } from "../../domain/batches/batch";
import type { Steered } from "../../domain/batches/job-record";
import { type ItemResult } from "../../domain/batches/item-result";
import { resultsIn, type ResultsQuery, type StoredPage } from "../../domain/batches/results";
import { DomainError } from "../../domain/errors";
import { etagOf, hasConditions, requireConditions } from "../../http/etag";
import { encodeCursor, listDigest } from "../../http/cursor";
import { Reply } from "../../http/reply";
import type { RequestContext } from "../../http/request-context";
import { sha256Hex } from "../../lib/sha256";
import { batchJob, type JobsEnv } from "../../runtime/jobs";
import { MAX_RESULTS_PER_PAGE, ROW_BYTES } from "../../domain/platform";

/** Path parameters with the id of a batch. */
export const BatchParams = v.object({ id: v.pipe(v.string(), v.uuid(), v.toLowerCase()) });

/** Results in the reply of a request that waited. The rest is behind `next_cursor`. */
const MAX_INLINE_RESULTS = MAX_RESULTS_PER_PAGE;
/**
 * Characters of these results as JSON. At two bytes each, the reply still fits into a row when it is stored
 * for repeats.
 */
const MAX_INLINE_CHARACTERS = ROW_BYTES / 2 - 100_000;
/** Milliseconds between two looks at a batch that did not end with its first slice. */
const POLL_MS = 200;

/**
 * The status and counts of a batch.
 *
 * @throws DomainError `not-found`
 */
export async function findBatch(env: JobsEnv, id: string): Promise<JobSummary> {
  return (await batchJob(env, id).summary()) ?? unknownBatch();
}

/** The ETag of a batch: equal as long as its representation is, but for its pace. */
export async function batchEtag(id: string, summary: JobSummary): Promise<string> {
  return etagOf(await sha256Hex(shownOf(id, summary)));
}

/** A batch with its ETag. */
export async function batchReply(id: string, summary: JobSummary): Promise<Reply<Batch>> {
  return new Reply(toBatch(id, summary), { headers: { ETag: await batchEtag(id, summary) } });
}

/**
 * Evaluates the conditions of a change.
 *
 * @returns what the batch must still show when it is changed, and by which request
 * @throws DomainError `not-found`, `precondition-failed`
 */
export async function conditionOf(
  { request: { headers }, requestId, env }: RequestContext,
  id: string,
): Promise<Steered> {
  if (!hasConditions(headers)) return { requestId };
  const summary = await findBatch(env, id);
  requireConditions(headers, { etag: await batchEtag(id, summary) });
  const isAny = (headers.get("If-Match")?.trim() ?? "*") === "*";
  return isAny ? { requestId } : { requestId, shown: shownOf(id, summary) };
}

/** Refuses the id of a batch that is not there. @throws DomainError `not-found` */
export function unknownBatch(): never {
  throw new DomainError("not-found", "There is no batch with this id; it may have expired.");
}

/**
 * All results there are as NDJSON, page by page. Where the batch is removed meanwhile it breaks off: a part is no
 * whole.
 */
export async function* allLines(
  env: JobsEnv,
  id: string,
  query: Pick<ResultsQuery, "only" | "isInputWanted">,
): AsyncGenerator<string> {
  const job = batchJob(env, id);
  for (let from: number | null = 0; from !== null;) {
    const page: StoredPage | null = await job.results({
      ...query,
      from,
      limit: MAX_RESULTS_PER_PAGE,
      isWhole: true,
    });
    if (page === null) return unknownBatch();
    if (page.lines !== "") yield `${page.lines}\n`;
    from = page.next;
  }
}

/** The same as groups of results. */
export async function* allResults(
  ...from: Parameters<typeof allLines>
): AsyncGenerator<ItemResult[]> {
  for await (const lines of allLines(...from)) yield resultsIn(lines.trimEnd());
}

/** A finished batch with its results. */
export type FinishedBatch = Batch & { results: ItemResult[]; next_cursor: string | null };

/** The finished batch with its results, or its current status if the time ran out. */
export async function waitForBatch(
  env: JobsEnv,
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

async function withResults(env: JobsEnv, id: string, summary: JobSummary) {
  const results: ItemResult[] = [];
  const batch = toBatch(id, summary);
  // The summary of the outputs may be long.
  let characters = JSON.stringify(batch).length;
  for await (const lines of allLines(env, id, { only: null })) {
    for (const line of lines.trimEnd().split("\n")) {
      const [result] = resultsIn(line);
      if (result === undefined) continue;
      characters += line.length;
      const isFull = results.length === MAX_INLINE_RESULTS || characters > MAX_INLINE_CHARACTERS;
      // The results that were left out are behind this cursor.
      if (isFull) {
        const list = await resultsDigest(id, null);
        return { ...batch, results, next_cursor: encodeCursor(list, String(result.index)) };
      }
      results.push(result);
    }
  }
  return { ...batch, results, next_cursor: null };
}

/** The name of a list of results in its cursors. */
export function resultsDigest(id: string, only: ResultsQuery["only"]): Promise<string> {
  return listDigest("results", id, only);
}
