// POST /batch-process: starts a batch in the background.
import * as v from "valibot";
import { BatchItems } from "../../domain/batches/batch-items";
import {
  submitBatch,
  submitUpload,
  type SubmitDeps,
  type Submitted,
} from "../../domain/batches/submit-batch";
import { markedId } from "../../domain/batches/kept-batch";
import { mayRunAtOnce } from "../../domain/batches/run-at-once";
import { BatchReply, toBatch, type JobSummary } from "../../domain/batches/batch";
import { BatchRequest, isEndpointOperation } from "../../domain/batches/batch-operations";
import { CSV, NDJSON_TYPES } from "../../domain/batches/upload-records";
import { loadOperations } from "../../domain/operations";
import { MAX_FAULTS, type Fault } from "../../domain/errors";
import { unknownChannels } from "../../domain/notifications/channel-names";
import { anyArray } from "../../lib/any-array";
import { payerOf } from "../../http/admission";
import { authorize } from "../../http/auth";
import { preferredLanguage } from "../../http/language";
import { LANGUAGES } from "../../lib/languages";
import type { RequestContext } from "../../http/request-context";
import { parseWait } from "../../http/prefer";
import { HttpError } from "../../http/problem";
import type { RawBody } from "../../http/raw-body";
import { Reply } from "../../http/reply";
import { defineRoute, type Once } from "../../http/route";
import { createSubmitDeps } from "../../runtime/batch-deps";
import { batchJob } from "../../runtime/jobs";
import { usersIn } from "../../runtime/tables";
import { askerOf } from "../record-replies";
import { BatchQuery, readBatchQuery } from "./batch-query";
import { waitForBatch, type FinishedBatch } from "./batch-replies";
import {
  MAX_BATCH_BODY_BYTES,
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_ITEMS,
  MAX_ITEMS,
  MAX_LINES_BYTES,
  MAX_LINES_CHARACTERS,
  MAX_STREAMED_ITEMS,
  MAX_WAIT_SECONDS,
} from "../../domain/platform";

/** Accepts a batch; with `Prefer: wait` it answers with the results if the batch ends in time. */
export const createBatchRoute = defineRoute({
  operationId: "createBatch",
  method: "POST",
  path: "/batch-process",
  access: "batch-process",
  body: v.optional(BatchRequest),
  bodyList: "items",
  rawBodyTypes: [...NDJSON_TYPES, CSV],
  maxBodyBytes: MAX_BATCH_BODY_BYTES,
  callsOut: true,
  admitsItself: true,
  keysIn: "batches",
  idsFor: (ids, body) => ({ ...ids, v4: markedId(ids.v4, body !== undefined && isSmall(body)) }),
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
  prepareBody: (body) => loadOperations([Object(body).operation, Object(body).then]),
  moreFaults: (body, context) => faultsOfItems(Object(body), context),
  handler: async ({ body, raw, query, once, admit }, context) => {
    const id = once.ids.v4;
    const deps = createSubmitDeps(id, admit, context.env);
    const given: GivenBatch = { id, once, deps };
    const { summary, isOver } =
      raw === undefined
        ? await submitJson(given, body, context)
        : await submitLines(given, raw, query, context);
    const slice = isOver ? Promise.resolve() : batchJob(context.env, id).run();
    // An error of this slice is only logged, since the alarm runs whatever it has left.
    context.ctx.waitUntil(slice.catch((error: unknown) => console.error(String(error))));
    return reply(context, id, summary, slice);
  },
});

function isSmall(body: BatchRequest): boolean {
  return mayRunAtOnce(body, body.items.length);
}

/** A batch on its way in. */
interface GivenBatch {
  readonly id: string;
  readonly once: Once;
  readonly deps: SubmitDeps;
}

async function submitJson(
  { id, deps }: GivenBatch,
  body: BatchRequest | undefined,
  context: RequestContext,
): Promise<Submitted> {
  if (body === undefined) throw new TypeError("A body is either JSON or raw");
  const { items, ...rest } = body;
  requireAccess(context, rest.operation, false);
  const head = { id, ...rest, ...(await senderOf(context, rest.operation)) };
  return submitBatch({ head, items, maxItems: MAX_BATCH_ITEMS }, deps);
}

async function submitLines(
  { id, once, deps }: GivenBatch,
  raw: RawBody,
  query: BatchQuery,
  context: RequestContext,
): Promise<Submitted> {
  const { dialect, template, isImport, ...rest } = await readBatchQuery(raw, query);
  const { operation, notify } = rest;
  requireAccess(context, operation, isImport);
  const sender = await senderOf(context, operation);
  const { hasToken } = sender;
  const optional = { ...(isImport && { isImport }), ...(template !== null && { template }) };
  const limits = hasToken ? LIMITS_WITH_TOKEN : LIMITS;
  const { maxBytes, ...bounds } = limits;
  const upload = {
    mediaType: raw.mediaType,
    rules: { operation, ...bounds, ...optional },
    dialect,
    maxBytes,
    hasToken,
    faults: unknownChannels(notify, { ...context.config, hasToken }),
  };
  const begin = once.begin ?? (async () => undefined);
  const outcome = await submitUpload(
    {
      head: { id, ...rest, ...optional, ...sender },
      upload,
      body: raw.stream,
      isDigested: once.begin !== null,
      begin,
    },
    deps,
  );
  if (outcome === "too-large")
    throw new HttpError("body-too-large", `The body may have at most ${maxBytes} bytes.`);
  if (outcome === "not-utf8") throw new HttpError("malformed-json", NOT_UTF8);
  return outcome;
}

const NOT_UTF8 =
  "The body is not UTF-8. Save it in that encoding; in Excel as “CSV UTF-8 (comma delimited)”.";
/** Bounds of a body of lines. */
const LIMITS = {
  maxItems: MAX_STREAMED_ITEMS,
  maxCharacters: MAX_BATCH_CHARACTERS,
  maxBytes: MAX_BATCH_BODY_BYTES,
};
const LIMITS_WITH_TOKEN = {
  maxItems: MAX_ITEMS,
  maxCharacters: MAX_LINES_CHARACTERS,
  maxBytes: MAX_LINES_BYTES,
};

/** Refuses callers to whom the endpoint of the items is closed. */
function requireAccess(context: RequestContext, operation: unknown, isImport: boolean): void {
  if (isEndpointOperation(operation)) authorize(context, operation);
  if (isImport) authorize(context, "token");
}

async function senderOf(context: RequestContext, operation: unknown) {
  const { origin, caller, config, env, request } = context;
  const payer = operation === "external-api" ? payerOf(context) : undefined;
  const sender = {
    origin,
    hasToken: caller.kind === "token",
    ...(payer !== undefined && { payer }),
  };
  if (operation !== "users" || sender.hasToken || config.signUp === "open") return sender;
  // Addresses must confirm these sign-ups: mails are counted by who causes them.
  const key = await usersIn(env).callerKey(askerOf(request.headers));
  const language = preferredLanguage(request.headers, LANGUAGES);
  return { ...sender, signUps: { caller: key, language } };
}

const AnyArray = anyArray();

/** Faults of the items, in a body that has other faults too. */
async function faultsOfItems(
  body: Readonly<Record<string, unknown>>,
  { config, caller, env }: RequestContext,
): Promise<Fault[]> {
  const known = { ...config, hasToken: caller.kind === "token" };
  const operation = body["operation"];
  const items = new BatchItems({ operation, maxItems: MAX_BATCH_ITEMS }, known);
  const given = body["items"];
  if (v.is(AnyArray, given) && isEndpointOperation(operation)) {
    for (const item of given) {
      if (items.count === MAX_BATCH_ITEMS || items.faults.length === MAX_FAULTS) break;
      items.add(item);
    }
  }
  await items.checkAssignees((ids) => usersIn(env).missing(ids));
  return [...unknownChannels(body["notify"], known), ...items.faults];
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
