// GET /batch-process: one page of the batches that match the filters, or all of them as a stream.
import * as v from "valibot";
import { BatchLabel, BatchStatus } from "../../domain/batches/batch";
import { ListedBatch, toListed } from "../../domain/batches/register";
import { anyOfParameter, ListQuery, readAll, readPage, type PageRequest } from "../../http/list";
import { NextCursor } from "../../http/page";
import { listFile, listReply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchesIn } from "../../runtime/tables";

const BatchPage = v.strictObject({
  batches: v.array(ListedBatch),
  next_cursor: NextCursor,
});

const BatchesQuery = v.object({
  ...ListQuery,
  status: v.optional(anyOfParameter(BatchStatus.options)),
  label: v.optional(v.pipe(BatchLabel, v.description("The whole label."))),
});

const CSV_COLUMNS: Columns<ListedBatch> = [
  "id",
  "label",
  "status",
  "reason",
  "operation",
  "total",
  "succeeded",
  "failed",
  "pending",
  "created_at",
  "started_at",
  "finished_at",
  "expires_at",
  "metadata",
];

/** Answers with one page as JSON, or with all matching batches as CSV or NDJSON. */
export const listBatchesRoute = defineRoute({
  operationId: "listBatches",
  method: "GET",
  path: "/batch-process",
  access: "token",
  query: BatchesQuery,
  reply: listReply(BatchPage),
  problems: [],
  handler: async ({ query }, context) => {
    const { status, label, order } = query;
    const filters = { status, label };
    const register = batchesIn(context.env);
    const read = (part: PageRequest) => register.page({ ...part, filters });
    const all = () => listed(readAll(order, read));
    const file = listFile(context.request, "batches", CSV_COLUMNS, all);
    if (file !== null) return file;
    const { records, reply } = await readPage(context, { ...query, filters }, read);
    return reply({ batches: records.map(toListed) });
  },
});

async function* listed(pages: AsyncGenerator<readonly string[]>): AsyncGenerator<ListedBatch[]> {
  for await (const page of pages) yield page.map(toListed);
}
