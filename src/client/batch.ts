// Batches: starting, following and steering them.
import type { MAX_BATCH_ITEMS, MAX_RESULTS_PER_PAGE } from "../domain/platform";
import type { BatchHandle, CallOptions, NewBatch } from "./api";
import { followBatch } from "./events";
import { allItems } from "./records";
import type { ApiCall, Transport } from "./transport";
import type { Batch, BatchOperation, BatchResultPage } from "./wire";

const PATH = "/batch-process";
/** Items that one JSON body may hold; more are sent as NDJSON. */
const MAX_JSON_ITEMS = 10_000 satisfies typeof MAX_BATCH_ITEMS;
const MAX_RESULTS_PAGE = 1000 satisfies typeof MAX_RESULTS_PER_PAGE;
const MEDIA_TYPES = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** The request that starts a batch. */
export function startCall<Op extends BatchOperation>(batch: NewBatch<Op>): ApiCall {
  if ("file" in batch) return fileCall(batch, batch.file, batch.format ?? formatOf(batch.file));
  if (batch.items.length <= MAX_JSON_ITEMS) return { path: PATH, json: batch };
  return fileCall(
    batch,
    batch.items.map((item) => JSON.stringify(item) ?? "null").join("\n"),
    "ndjson",
  );
}

/** A body of NDJSON or CSV holds items only, so the operation and the options go into the query. */
function fileCall(
  { operation, options, notify }: Pick<NewBatch, "operation" | "options" | "notify">,
  body: Blob | string,
  format: keyof typeof MEDIA_TYPES,
): ApiCall {
  const name = typeof operation === "string" ? operation : JSON.stringify(operation);
  return {
    path: PATH,
    query: { operation: name, notify: notify?.join(","), ...options },
    headers: { "Content-Type": MEDIA_TYPES[format] },
    body,
  };
}

function formatOf(file: Blob | string): keyof typeof MEDIA_TYPES {
  if (typeof file === "string") return "ndjson";
  const isCsv =
    file.type.startsWith("text/csv") || ("name" in file && /\.csv$/i.test(String(file.name)));
  return isCsv ? "csv" : "ndjson";
}

/** The handle of the batch with this id. */
export function batchHandle(transport: Transport, id: string): BatchHandle {
  const path = `${PATH}/${encodeURIComponent(id)}`;
  const status = (options?: CallOptions) => transport.call<Batch>({ path }, options);
  const progress = (options?: CallOptions) => followBatch(transport, `${path}/events`, options);
  const act = (action: string) => (options?: CallOptions) =>
    transport.call<Batch>({ method: "POST", path: `${path}/${action}` }, options);
  return {
    id,
    status,
    progress,
    // Results are read by pages instead of one stream, so that a broken connection costs one page only.
    results: ({ only, ...options } = {}) =>
      allItems(
        (cursor) =>
          transport.call<BatchResultPage>(
            { path: `${path}/results`, query: { only, limit: MAX_RESULTS_PAGE, ...cursor } },
            options,
          ),
        ({ results }) => results,
      ),
    wait: async (options) => {
      let last: Batch | undefined;
      for await (const batch of progress(options)) last = batch;
      return last ?? status(options);
    },
    cancel: act("cancel"),
    pause: act("pause"),
    resume: act("resume"),
    retryFailed: act("retry"),
    remove: (options) => transport.call({ method: "DELETE", path }, options),
  };
}
