// GET /batch-process/<id>/results: the results of finished items in input order, also while the batch runs.
import * as v from "valibot";
import { ItemResult } from "../../domain/batches/batch";
import type { RequestContext } from "../../http/request-context";
import { Cursor, nextPageLink, pageLimit } from "../../http/page";
import { accepts, csvFile, ndjson, Reply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import {
  allResults,
  BatchParams,
  decodeIndex,
  encodeIndex,
  findBatch,
  unknownBatch,
} from "./batch-replies";
import { MAX_RESULTS_PER_PAGE } from "../../domain/platform";

const CSV_COLUMNS: Columns<ItemResult> = {
  index: ({ index }) => index,
  status: ({ status }) => status,
  output: ({ output }) => output,
  error: ({ error }) => error,
  attempts: ({ attempts }) => attempts,
};

const ResultPage = v.strictObject({
  results: v.array(ItemResult),
  next_cursor: v.pipe(v.nullable(v.string()), v.description("null at the end.")),
});

/** Answers with one page as JSON, or with all results as CSV or NDJSON. */
export const getBatchResultsRoute = defineRoute({
  operationId: "getBatchResults",
  method: "GET",
  path: "/batch-process/:id/results",
  access: "open",
  params: BatchParams,
  query: v.object({
    only: v.optional(v.picklist(["succeeded", "failed"], "succeeded or failed")),
    limit: pageLimit(MAX_RESULTS_PER_PAGE),
    cursor: Cursor,
  }),
  reply: {
    status: 200,
    schema: ResultPage,
    mediaTypes: ["application/x-ndjson", "text/csv"],
    headers: ["Link", "Content-Disposition"],
  },
  problems: [],
  handler: async ({ params: { id }, query }, context) => {
    const only = query.only ?? null;
    const stream = await streamed(context, id, only);
    if (stream !== null) return stream;
    const page = await batchJob(context.env, id).results(
      decodeIndex(query.cursor),
      query.limit,
      only,
    );
    if (page === null) return unknownBatch();
    const next_cursor = page.next === null ? null : encodeIndex(page.next);
    return new Reply(
      { results: [...page.results], next_cursor },
      { headers: nextPageLink(context, next_cursor) },
    );
  },
});

async function streamed(
  { env, request: { headers } }: RequestContext,
  id: string,
  only: ItemResult["status"] | null,
) {
  const isNdjson = accepts(headers, "application/x-ndjson");
  if (!isNdjson && !accepts(headers, "text/csv")) return null;
  await findBatch(env, id);
  const results = allResults(env, id, only);
  return isNdjson ? new Reply(ndjson(results), {}) : csvFile("results", CSV_COLUMNS, results);
}
