// GET /batch-process/<id>/results: the results of finished items in input order, also while the batch runs.
import * as v from "valibot";
import { resultsIn } from "../../domain/batches/results";
import { BatchStatus } from "../../domain/batches/batch";
import { ItemResult } from "../../domain/batches/item-result";
import { openPage } from "../../http/cursor";
import { Cursor, pageLimit } from "../../http/page";
import { accepts, csvFile, listReply, Reply, TextStream } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import {
  allLines,
  allResults,
  BatchParams,
  findBatch,
  resultsDigest,
  unknownBatch,
} from "./batch-replies";
import { resultColumns } from "./result-columns";
import { MAX_RESULTS_PER_PAGE } from "../../domain/platform";

const ResultPage = v.strictObject({
  status: BatchStatus,
  pending: v.pipe(v.number(), v.description("Items of the batch that have not ended.")),
  results: v.array(ItemResult),
  next_cursor: v.pipe(
    v.nullable(v.string()),
    v.description(
      "null once the batch is over and all is read. While it runs, a page of all results stops before the first unfinished item, and one with `only` goes over what has ended; its cursor leads there again.",
    ),
  ),
});

/** The place of a cursor: the index where the page begins. */
const PLACE = /^(\d{1,7})$/;

/** Answers with one page as JSON, or with all results as CSV or NDJSON. */
export const getBatchResultsRoute = defineRoute({
  operationId: "getBatchResults",
  method: "GET",
  path: "/batch-process/:id/results",
  access: "open",
  params: BatchParams,
  query: v.object({
    only: v.optional(
      v.picklist(["succeeded", "failed", "pending"], "succeeded, failed or pending"),
    ),
    input: v.optional(
      v.pipe(v.picklist(["true", "false"], "true or false"), v.description("With each item.")),
    ),
    limit: pageLimit(MAX_RESULTS_PER_PAGE),
    cursor: Cursor,
  }),
  reply: listReply(ResultPage),
  problems: [],
  handler: async ({ params: { id }, query }, context) => {
    const wanted = { only: query.only ?? null, isInputWanted: query.input === "true" };
    const summary = await findBatch(context.env, id);
    const { headers } = context.request;
    if (accepts(headers, "application/x-ndjson"))
      return new Reply(
        new TextStream("application/x-ndjson", allLines(context.env, id, wanted)),
        {},
      );
    if (accepts(headers, "text/csv")) {
      const columns = resultColumns(summary, wanted.isInputWanted);
      return csvFile("results", columns, allResults(context.env, id, wanted));
    }
    const list = await resultsDigest(id, wanted.only);
    const { place, reply } = openPage(context, list, query.cursor, PLACE);
    const [from = 0] = place.map(Number);
    const page = await batchJob(context.env, id).results({ ...wanted, from, limit: query.limit });
    if (page === null) return unknownBatch();
    const { status, total, succeeded, failed } = page.summary;
    const pending = total - succeeded - failed;
    const results = resultsIn(page.lines);
    return reply({ status, pending, results }, page.next === null ? null : String(page.next));
  },
});
