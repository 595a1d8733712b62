// Runs one call, and makes its receipt from the response.
import type { TimeLimit } from "../../lib/deadline";
import { withDoubles } from "../../lib/exact-json";
import { QueryError, type Budget } from "../json-query/budget";
import type { Query } from "../json-query";
import {
  FetchFailure,
  type Outcome,
  type Outgoing,
  type OutgoingResponse,
} from "../outgoing/outgoing-fetch";
import { createRedaction } from "../outgoing/redaction";
import { decodeBody, holdBody, type ResponseBody } from "../outgoing/response-body";
import { isOkStatus } from "./cacheable";
import type { CallErrorCode, CallResult } from "./call-result";
import type { CallRequest } from "./call-request";
import type { PreparedCall } from "./prepare-call";
import type { ResponseCache } from "./response-cache";
import { sendCall, type Sent } from "./send-call";
import type { UpstreamGate } from "./upstream-gate";
import type { Upstream } from "./upstreams";

export { IDEMPOTENT_METHODS } from "./send-call";

/** Cookies that an upstream sets belong to the connection between it and the Worker, not to the caller. */
const HIDDEN_HEADERS = new Set(["set-cookie", "set-cookie2"]);

/** Surroundings of a call: how it is sent, and the limits it shares with the other calls of its request. */
export interface CallContext {
  readonly outgoing: Outgoing;
  readonly cache: ResponseCache;
  /** Milliseconds for one attempt, if the call sets no timeout of its own. */
  readonly callTimeoutMs: number;
  /** Steps that the `select` expressions of all calls may take together. */
  readonly queries: Budget;
  /** The gate of an upstream that has quotas or a token. */
  readonly gateOf: (upstream: Upstream) => UpstreamGate;
}

/** The `error` field of a receipt, with the response that had arrived. */
interface CallError {
  readonly code: CallErrorCode;
  readonly detail: string;
  readonly head?: Pick<OutgoingResponse, "status" | "headers"> | null;
}

/**
 * Runs a call within a deadline and returns its receipt. Never rejects.
 *
 * @param originOfTime the instant from which `started_ms` counts, on the clock's scale
 */
export async function runCall(
  call: PreparedCall,
  context: CallContext,
  deadline: TimeLimit,
  originOfTime: number,
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const { select, total_timeout_ms } = call.request;
  const query = select === undefined ? EVERYTHING : await compile(select);
  const limit =
    total_timeout_ms === undefined
      ? deadline
      : deadline.within(total_timeout_ms, () => overall(total_timeout_ms));
  const { outcome, cache } = "detail" in query ? UNSENT : await sendCall(call, context, limit);
  const since = outcome.startedAt ?? clock.now();
  const read: Reading | CallError =
    "detail" in query
      ? query
      : readOutcome(outcome, query, call, {
          queries: context.queries,
          isShared: cache !== undefined,
        });
  const times = {
    attempts: outcome.attempts,
    started_ms: tenths(since - originOfTime),
    duration_ms: tenths(clock.now() - since),
  };
  if ("detail" in read) return rejected(call, read, times);
  const fallback = read.ok ? {} : fallbackOf(call.request);
  const { id } = call;
  return { id, status: "fulfilled", ...read, ...fallback, ...times, ...(cache && { cache }) };
}

function overall(ms: number): FetchFailure {
  return new FetchFailure("timeout", `All attempts together were over after ${ms} ms.`);
}

/** Detail of a call whose result the policy does not need. */
export const NOT_NEEDED = "The result was not needed any more.";

/** The fields of a receipt that tell of its time. */
type Times = Pick<CallResult, "attempts" | "started_ms" | "duration_ms">;

/** The receipt of a call that got no usable response. */
export function rejected(
  { id, request, url, upstream }: PreparedCall,
  { code, detail, head = null }: CallError,
  times: Times,
): CallResult {
  return {
    id,
    status: "rejected",
    url: createRedaction(upstream?.secrets ?? []).text(url.href),
    error: { code, detail },
    ...(head !== null && { http_status: head.status, headers: visible(head.headers) }),
    ...fallbackOf(request),
    ...times,
  };
}

/** The receipt of a call that got its response after another had met the policy. */
export function unneeded({ request }: PreparedCall, result: CallResult): CallResult {
  if (result.status === "rejected") return result;
  const { id, url, http_status, headers, attempts, started_ms, duration_ms } = result;
  const error = { code: "cancelled", detail: NOT_NEEDED } as const;
  const times = { attempts, started_ms, duration_ms };
  return {
    id,
    status: "rejected",
    url,
    error,
    http_status,
    headers,
    ...fallbackOf(request),
    ...times,
  };
}

function fallbackOf(request: CallRequest) {
  if (!("fallback" in request)) return {};
  return { body_type: "json" as const, body: request.fallback, fallback_used: true as const };
}

const UNSENT: Sent = {
  outcome: { result: new FetchFailure("cancelled", "Not sent."), attempts: 0, startedAt: null },
};

/** The `select` expression of a call, applied to a JSON body. */
type Selection = Pick<Query, "evaluate">;
const EVERYTHING: Selection = { evaluate: (value) => value };

async function compile(select: string): Promise<Selection | CallError> {
  const { compileQuery } = await import("../json-query");
  return attemptQuery(() => compileQuery(select));
}

/** Runs a function and returns a QueryError that it throws as a call's error. */
function attemptQuery<T>(run: () => T): T | CallError {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { code: "invalid-select", detail: error.message };
  }
}

/** The fields of a receipt that tell of a response. */
type Reading = Pick<
  Extract<CallResult, { status: "fulfilled" }>,
  "url" | "http_status" | "ok" | "headers" | "body_type" | "body" | "bytes" | "redirects"
>;

function readOutcome(
  { result }: Outcome,
  query: Selection,
  { request, upstream }: PreparedCall,
  { queries, isShared }: { queries: Budget; isShared: boolean },
): Reading | CallError {
  if (result instanceof FetchFailure) {
    const { code, message, head } = result;
    return { code, detail: message, head };
  }
  const { status, url, headers, bytes, redirects } = result;
  const length = bytes.byteLength;
  const read = readBody(request, result, { isShared, secrets: upstream?.secrets ?? [] });
  const selected = "detail" in read ? read : selectFrom(read, query, request, { result, queries });
  if ("detail" in selected) return { ...selected, head: result };
  return {
    url,
    http_status: status,
    ok: isOkStatus(status) || (status === 304 && isConditional(request)),
    headers: visible(headers),
    body_type: selected.body_type,
    body: selected.body,
    bytes: length,
    redirects,
  };
}

function isConditional({ headers }: CallRequest): boolean {
  return Object.keys(headers).some((name) => /^if-(?:none-match|modified-since)$/i.test(name));
}

/** Bytes from which a body is not parsed, unless something is to be selected from it. */
const LARGE_BYTES = 64 * 1024;

/** The body as the call wants it. What an error says is read by its media type, whatever it was to be. */
function readBody(
  request: CallRequest,
  response: OutgoingResponse,
  { isShared, secrets }: { isShared: boolean; secrets: readonly string[] },
): ResponseBody | CallError {
  const { read: as = "auto", charset = null } = request;
  const isError = !isOkStatus(response.status);
  const reading = { as: isError && as === "json" ? "auto" : as, charset } as const;
  // Otherwise the bytes are redacted already, as they are and in their own charset.
  const isToRedact = charset !== null && secrets.length > 0;
  const isWhole = !isToRedact && (isError || request.select === undefined);
  const read = isWhole ? readerOf(response, isShared) : decodeBody;
  const body = read(response.bytes, response.headers.get("Content-Type"), reading);
  if (reading.as === "json" && body.body_type !== "json")
    return { code: "invalid-select", detail: "The body is not JSON, as `read` asks." };
  return isToRedact ? { ...body, body: createRedaction(secrets).value(body.body) } : body;
}

/** Reads a body that is passed on as it is. One that others have, too, is copied to be held. */
function readerOf({ bytes }: OutgoingResponse, isShared: boolean): typeof decodeBody {
  if (bytes.length < LARGE_BYTES) return decodeBody;
  return (own, ...rest) => holdBody(isShared ? own.slice() : own, ...rest);
}

/** `select` is not applied to errors: their body has another shape, and holds the upstream's explanation. */
function selectFrom(
  read: ResponseBody,
  query: Selection,
  { select }: CallRequest,
  { result, queries }: { result: OutgoingResponse; queries: Budget },
): ResponseBody | CallError {
  if (select === undefined || !isOkStatus(result.status)) return read;
  if (read.body_type !== "json")
    return { code: "invalid-select", detail: "The body is not JSON, which `select` takes." };
  const value = read.hasExactNumbers === true ? withDoubles(read.body) : read.body;
  const selected = attemptQuery(() => ({ body: query.evaluate(value, queries) }));
  return "detail" in selected ? selected : { body_type: "json", ...selected };
}

function visible(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  // The runtime makes an array for each header that a loop over them sees.
  headers.forEach((value, name) => {
    if (!HIDDEN_HEADERS.has(name)) shown[name] = value;
  });
  return shown;
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
