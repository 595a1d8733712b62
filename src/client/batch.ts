// Batches: starting, following and steering them.
import type { MAX_BATCH_ITEMS } from "../domain/platform";
import type { CallOptions, FileFormat, NewBatch } from "./api";
import type { Batches, BatchHandle } from "./batch-api";
import { followBatch } from "./events";
import { allItems, MAX_PAGE } from "./records";
import { streamResults } from "./results";
import { MEDIA_TYPES, type ApiCall, type Transport } from "./transport";
import type {
  BatchesQuery,
  BatchPage,
  Batch,
  BatchAction,
  BatchOperation,
  FileDialect,
  RetryChoice,
} from "./wire";

const PATH = "/batch-process";
/** Items that one JSON body may hold; more are sent as NDJSON. */
const MAX_JSON_ITEMS = 10_000 satisfies typeof MAX_BATCH_ITEMS;
/** A member of every reply that is a batch. */
const BATCH = ["id"];

/** The request that starts a batch. */
export function startCall<Op extends BatchOperation>(batch: NewBatch<Op>): ApiCall {
  if ("file" in batch) return fileCall(batch, batch.file, batch.format ?? formatOf(batch.file));
  if (batch.items.length <= MAX_JSON_ITEMS) return { path: PATH, json: batch, has: BATCH };
  return fileCall(
    batch,
    batch.items.map((item) => JSON.stringify(item) ?? "null").join("\n"),
    "ndjson",
  );
}

/** A body of NDJSON or CSV holds items only, so the operation and the options go into the query. */
function fileCall(batch: NewBatch, body: Blob | string, format: FileFormat): ApiCall {
  const { operation, options, notify, label, metadata, then } = batch;
  const { delimiter, header, template }: FileDialect = "file" in batch ? batch : {};
  const kept = metadata === undefined ? undefined : JSON.stringify(metadata);
  const dialect = { delimiter, header, template, label, metadata: kept };
  return {
    path: PATH,
    query: {
      operation: asText(operation),
      then: then === undefined ? undefined : asText(then),
      notify: notify?.join(","),
      ...dialect,
      ...options,
    },
    headers: { "Content-Type": MEDIA_TYPES[format] },
    body,
    has: BATCH,
  };
}

/** An operation as a parameter of the query. */
function asText(operation: unknown): string {
  return typeof operation === "string" ? operation : JSON.stringify(operation);
}

function formatOf(file: Blob | string): FileFormat {
  if (typeof file === "string") return "ndjson";
  const isCsv =
    file.type.startsWith("text/csv") || ("name" in file && /\.csv$/i.test(String(file.name)));
  return isCsv ? "csv" : "ndjson";
}

/** The handle of the batch with this id. */
export function batchHandle(transport: Transport, id: string): BatchHandle {
  const path = `${PATH}/${encodeURIComponent(id)}`;
  const status = (options?: CallOptions) => transport.call<Batch>({ path, has: BATCH }, options);
  const progress = (options?: CallOptions) => followBatch(transport, `${path}/events`, options);
  const act = (action: BatchAction, json?: RetryChoice) => (options?: CallOptions) =>
    transport.call<Batch>({ method: "POST", path: `${path}/${action}`, json, has: BATCH }, options);
  const steering = {
    cancel: act("cancel"),
    pause: act("pause"),
    resume: act("resume"),
    retry: (choice?: RetryChoice, options?: CallOptions) => act("retry", choice)(options),
  } satisfies Record<BatchAction, unknown>;
  return {
    ...steering,
    id,
    status,
    progress,
    results: (options) => streamResults(transport, `${path}/results`, options),
    download: (format, { signal, timeoutMs, ...query } = {}) =>
      transport.bytes({ path: `${path}/results`, query }, MEDIA_TYPES[format], {
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
      }),
    resultsPage: (query, options) =>
      transport.call({ path: `${path}/results`, query: { ...query }, has: ["results"] }, options),
    wait: async (options) => {
      let last: Batch | undefined;
      for await (const batch of progress(options)) last = batch;
      return last ?? status(options);
    },
    update: (options, callOptions) =>
      transport.call({ method: "PATCH", path, json: { options }, has: BATCH }, callOptions),
    remove: (options) => transport.call({ method: "DELETE", path }, options),
  };
}

/** The client's methods for the list of all batches. */
export function batchesOf(transport: Transport): Batches {
  const page = (query?: BatchesQuery, options?: CallOptions) =>
    transport.call<BatchPage>({ path: PATH, query: { ...query }, has: ["batches"] }, options);
  return {
    page,
    list: (filter, options) =>
      allItems(
        (cursor) => page({ ...filter, limit: MAX_PAGE, ...cursor }, options),
        ({ batches }) => batches,
      ),
    download: (format, query, options) =>
      transport.bytes({ path: PATH, query: { ...query } }, MEDIA_TYPES[format], options),
    remove: async (query, options) => {
      const call = { method: "DELETE", path: PATH, query: { ...query }, has: ["deleted"] } as const;
      return (await transport.call<{ deleted: number }>(call, options)).deleted;
    },
  };
}
