// POST /batch-process: starts a batch in the background.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { BatchItems } from "../../domain/batches/batch-items";
import { submitBatch, type Submission } from "../../domain/batches/submit-batch";
import {
  BatchOptions,
  BatchReply,
  MAX_ATTEMPTS,
  toBatch,
  type JobSummary,
} from "../../domain/batches/batch";
import {
  BatchOperation,
  BatchRequest,
  isEndpointOperation,
} from "../../domain/batches/batch-operations";
import { isImportKind } from "../../domain/batches/import-items";
import { loadOperations } from "../../domain/operations";
import { MAX_FAULTS, type Fault } from "../../domain/errors";
import { unknownChannels } from "../../domain/notifications/channel-names";
import { authorize } from "../../http/auth";
import type { RequestContext } from "../../http/request-context";
import { inspectJson } from "../../http/json";
import { countParameter } from "../../http/page";
import { parseWait } from "../../http/prefer";
import { HttpError } from "../../http/problem";
import type { RawBody } from "../../http/raw-body";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { createSubmitDeps } from "../../runtime/batch-deps";
import { batchJob } from "../../runtime/jobs";
import { usersIn } from "../../runtime/tables";
import { waitForBatch, type FinishedBatch } from "./batch-replies";
import { CSV, NDJSON, readRecords } from "./batch-records";
import {
  CONNECTIONS_PER_INVOCATION,
  MAX_BATCH_BODY_BYTES,
  MAX_BATCH_ITEMS,
  MAX_NAMED_CHANNELS,
  MAX_STREAMED_ITEMS,
  MAX_WAIT_SECONDS,
} from "../../domain/platform";

/** Query parameters with NDJSON and CSV, whose body holds only items. */
const BatchQuery = v.object({
  operation: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(10_000, "too long"),
      v.description("For NDJSON and CSV: a name, or an operation as JSON."),
    ),
  ),
  notify: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(2000, "too long"),
      v.transform((text) => text.split(",").filter((name) => name !== "")),
      v.maxLength(MAX_NAMED_CHANNELS, `more than ${MAX_NAMED_CHANNELS} channels`),
      v.description("For NDJSON and CSV: channels, separated by commas."),
    ),
    "",
  ),
  concurrency: v.optional(countParameter(CONNECTIONS_PER_INVOCATION)),
  max_attempts: v.optional(countParameter(MAX_ATTEMPTS)),
  stop_after_failures: v.optional(countParameter(MAX_STREAMED_ITEMS)),
  import: v.optional(
    v.pipe(
      v.picklist(["true", "false"], "true or false"),
      v.description(
        "For NDJSON, with a token: the lines are those of an export of users or tasks, which are kept as they are, with ids, times and versions; no address is checked, and nobody is told.",
      ),
    ),
  ),
});
type BatchQuery = v.InferOutput<typeof BatchQuery>;

/** Accepts a batch; with `Prefer: wait` it answers with the results if the batch ends in time. */
export const createBatchRoute = defineRoute({
  operationId: "createBatch",
  method: "POST",
  path: "/batch-process",
  access: "batch-process",
  body: v.optional(BatchRequest),
  rawBodyTypes: [NDJSON, CSV],
  maxBodyBytes: MAX_BATCH_BODY_BYTES,
  callsOut: true,
  admitsItself: true,
  keysIn: "batches",
  query: BatchQuery,
  isQueryForRaw: true,
  reply: { status: 202, schema: BatchReply, headers: ["Location", "Retry-After"] },
  otherReplies: [
    {
      status: 200,
      headers: ["Location", "Preference-Applied", "Link"],
      hasBody: true,
    },
  ],
  requestHeaders: ["Prefer"],
  problems: [],
  prepareBody: (body) => loadOperations(Object(body).operation),
  moreFaults: (body, context) => faultsOfItems(Object(body), context),
  handler: async ({ body, raw, query, once, admit }, context) => {
    const { operation, ...rest } = raw === undefined ? fromJson(body) : await fromRaw(raw, query);
    if (isEndpointOperation(operation)) authorize(context, operation);
    if (rest.isImport) authorize(context, "token");
    const { id, ...origin } = {
      id: once.ids.v4,
      origin: context.origin,
      hasToken: context.caller.kind === "token",
    };
    const submission = { id, operation, ...rest, ...origin };
    const summary = await submitBatch(submission, createSubmitDeps(id, admit, context.env));
    const slice = batchJob(context.env, id).run();
    // An error of this slice is only logged, since the alarm runs whatever it has left.
    context.ctx.waitUntil(slice.catch((error: unknown) => console.error(String(error))));
    return reply(context, id, summary, slice);
  },
});

type Source = Omit<Submission, "id" | "origin" | "hasToken">;

/** Faults of the items, in a body that has other faults too. */
async function faultsOfItems(
  body: Readonly<Record<string, unknown>>,
  { config, caller, env }: RequestContext,
): Promise<Fault[]> {
  const known = { ...config, hasToken: caller.kind === "token" };
  const items = new BatchItems(body["operation"], known, MAX_BATCH_ITEMS);
  if (Array.isArray(body["items"]) && isEndpointOperation(body["operation"])) {
    for (const item of body["items"].slice(0, MAX_BATCH_ITEMS)) {
      items.add(item);
      if (items.faults.length === MAX_FAULTS) break;
    }
  }
  await items.checkAssignees((ids) => usersIn(env).missing(ids));
  return [...unknownChannels(body["notify"], known), ...items.faults];
}

function fromJson(body: v.InferOutput<typeof BatchRequest> | undefined): Source {
  if (body === undefined) throw new TypeError("A body is either JSON or raw");
  const { operation, options, notify, items } = body;
  return {
    operation,
    options,
    notify,
    maxItems: MAX_BATCH_ITEMS,
    count: items.length,
    records: items.map((item) => ({ item })),
  };
}

async function fromRaw(
  raw: RawBody,
  { operation: text, notify, import: importText, ...limits }: BatchQuery,
): Promise<Source> {
  if (text === undefined)
    throw new HttpError("malformed-request", "Query parameter operation: missing.");
  const written = /^[[{]/.test(text) ? parseJson(text) : text;
  await loadOperations(written);
  const parsed = v.safeParse(BatchOperation, written);
  if (!parsed.success) {
    throw new HttpError(
      "malformed-request",
      `Query parameter operation: ${parsed.issues[0].message.replace(/[.?]?$/, "")}.`,
    );
  }
  const { concurrency, max_attempts, stop_after_failures } = limits;
  const options = v.parse(BatchOptions, {
    ...(concurrency !== undefined && { concurrency }),
    ...(max_attempts !== undefined && { max_attempts }),
    ...(stop_after_failures !== undefined && { stop_after_failures }),
  });
  const operation = parsed.output;
  const isImport = importText === "true";
  if (isImport && !(isImportKind(operation) && raw.mediaType === NDJSON))
    throw new HttpError(
      "malformed-request",
      "Query parameter import: for NDJSON of users or tasks.",
    );
  return {
    isImport,
    operation,
    options,
    notify,
    maxItems: MAX_STREAMED_ITEMS,
    count: null,
    records: readRecords(raw, operation),
  };
}

function parseJson(text: string): unknown {
  const { excess, faults } = inspectJson(new TextEncoder().encode(text));
  if (excess !== null)
    throw new HttpError("malformed-request", `Query parameter operation: ${excess}.`);
  if (faults[0] !== undefined)
    throw new HttpError("malformed-request", `Query parameter operation: ${faults[0].detail}.`);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError("malformed-request", "Query parameter operation: not JSON.");
  }
}

async function reply(
  context: RequestContext,
  id: string,
  summary: JobSummary,
  slice: Promise<void>,
) {
  const Location = `/batch-process/${id}`;
  const wait = parseWait(context.request.headers, MAX_WAIT_SECONDS);
  const seen = wait === null ? summary : await waitForBatch(context.env, id, wait * 1000, slice);
  if (!("results" in seen)) {
    return new Reply(toBatch(id, seen), { headers: { Location, "Retry-After": "1" } });
  }
  const headers = { Location, "Preference-Applied": `wait=${wait}`, ...linkToRest(context, seen) };
  return new Reply(seen, { status: 200, headers });
}

/** The Link header to the results that did not fit into the reply (RFC 8288). */
function linkToRest(
  { origin }: RequestContext,
  { id, next_cursor }: FinishedBatch,
): Record<string, string> {
  if (next_cursor === null) return {};
  const path = `/batch-process/${id}/results?cursor=${next_cursor}`;
  return { Link: `<${origin}${path}>; rel="next"` };
}
