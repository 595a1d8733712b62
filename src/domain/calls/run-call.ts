// One call, from its query to its receipt.
import type { Deadline } from "../../lib/deadline";
import { maxBackoff } from "../../lib/retry-delay";
import { DEFAULT_RETRIES, hasJson, type CallRequest, type CallResult } from "./external-api";
import { QueryError, type Budget } from "../json-query/budget";
import type { Query } from "../json-query";
import { CDN_LOOP_MARK } from "../platform";
import {
  FetchFailure,
  sendRequest,
  type FailureCode,
  type Outcome,
  type Outgoing,
  type OutgoingRequest,
  type OutgoingResponse,
} from "../outgoing/outgoing-fetch";
import type { PreparedCall } from "./prepare-call";
import { createRedaction, type Redaction } from "../outgoing/redaction";
import { decodeBody, type ResponseBody } from "../outgoing/response-body";
import { loadCached, type CacheStatus, type ResponseCache } from "./response-cache";
import type { Upstream } from "./upstreams";

const MAX_RESPONSE_BYTES = 1024 * 1024;
/** Of one attempt at a call. */
export const MAX_REDIRECTS = 5;
/** Repeating these does what doing them once does (RFC 9110 §9.2.2). */
export const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
]);
/** Cookies are the upstream's with us, not with our caller. */
const HIDDEN_HEADERS = new Set(["set-cookie", "set-cookie2"]);
/** Some APIs refuse requests without one. */
const USER_AGENT = "serentak";

/** What calls need from their surroundings. */
export interface CallContext {
  readonly outgoing: Outgoing;
  readonly cache: ResponseCache;
  /** One attempt, for calls that name no time of their own. */
  readonly callTimeoutMs: number;
  /** What the expressions of all calls together may cost. */
  readonly queries: Budget;
}

/** What stands in a receipt's `error`. */
interface CallError {
  readonly code: FailureCode | "invalid-select";
  readonly detail: string;
}

/**
 * Runs a call within a deadline and tells how it went. Never rejects.
 *
 * @param originOfTime what `started_ms` counts from, on the clock's scale
 */
export async function runCall(
  call: PreparedCall,
  context: CallContext,
  deadline: Deadline,
  originOfTime: number,
): Promise<CallResult> {
  const { clock } = context.outgoing;
  const { select } = call.request;
  const query = select === undefined ? EVERYTHING : await compile(select);
  const { outcome, cache } = "detail" in query ? UNSENT : await send(call, context, deadline);
  const since = outcome.startedAt ?? clock.now();
  const receipt = () => ({
    attempts: outcome.attempts,
    started_ms: tenths(since - originOfTime),
    duration_ms: tenths(clock.now() - since),
  });
  const read =
    "detail" in query ? query : readOutcome(outcome, query, call.upstream, context.queries);
  const { id, request } = call;
  if ("detail" in read) {
    const { code, detail } = read;
    const fallback =
      "fallback" in request ? { body: request.fallback, fallback_used: true as const } : {};
    return {
      id,
      status: "rejected",
      url: call.url.href,
      error: { code, detail },
      ...fallback,
      ...receipt(),
    };
  }
  const fallback =
    !read.ok && "fallback" in request
      ? { body_type: "json" as const, body: request.fallback, fallback_used: true as const }
      : {};
  return { id, status: "fulfilled", ...read, ...fallback, ...receipt(), ...(cache && { cache }) };
}

const UNSENT: { outcome: Outcome; cache?: CacheStatus } = {
  outcome: { result: new FetchFailure("cancelled", "Not sent."), attempts: 0, startedAt: null },
};

/** What to do with a JSON body: leave it, or apply an expression. */
type Selection = Pick<Query, "evaluate">;
const EVERYTHING: Selection = { evaluate: (value) => value };

async function compile(select: string): Promise<Selection | CallError> {
  const { compileQuery } = await import("../json-query");
  return attemptQuery(() => compileQuery(select));
}

/** Runs what may throw a QueryError. */
function attemptQuery<T>(run: () => T): T | CallError {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { code: "invalid-select", detail: error.message };
  }
}

function send(
  { request, url, upstream }: PreparedCall,
  { outgoing, cache, callTimeoutMs }: CallContext,
  deadline: Deadline,
): Promise<{ outcome: Outcome; cache?: CacheStatus }> {
  const { method } = request;
  const outgoingRequest: OutgoingRequest = {
    url,
    method,
    headers: requestHeaders(request),
    body: hasJson(request) ? JSON.stringify(request.json) : (request.body ?? null),
    attemptTimeoutMs: request.timeout_ms ?? callTimeoutMs,
    retries: request.retries ?? (IDEMPOTENT_METHODS.has(method) ? DEFAULT_RETRIES : 0),
    maxRedirects: MAX_REDIRECTS,
    maxBytes: MAX_RESPONSE_BYTES,
    ...(upstream && {
      grant: (target: URL, by: string) =>
        upstream.covers(target) && isOpenFor(upstream, by) ? upstream.headers : null,
    }),
  };
  const { attemptTimeoutMs, retries } = outgoingRequest;
  const load = (onDeparture?: () => void) =>
    sendRequest(outgoingRequest, outgoing, deadline, onDeparture);
  if (upstream === undefined || upstream.cacheSeconds === 0 || method !== "GET") {
    return load().then((outcome) => ({ outcome }));
  }
  return loadCached({
    key: JSON.stringify([upstream.name, url.href, Object.entries(outgoingRequest.headers)]),
    freshSeconds: upstream.cacheSeconds,
    cache,
    clock: outgoing.clock,
    deadline,
    attemptsMs: attemptTimeoutMs * (retries + 1) + maxBackoff(retries),
    load,
  });
}

/** A redirect can turn POST into GET, which the operator may not have opened. */
function isOpenFor({ methods }: Upstream, method: string): boolean {
  return methods.some((open) => open === method);
}

function requestHeaders(request: CallRequest): Record<string, string> {
  const headers: Record<string, string> = {
    accept: "*/*",
    "user-agent": USER_AGENT,
    "cdn-loop": CDN_LOOP_MARK,
  };
  if (hasJson(request)) headers["content-type"] = "application/json";
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  return headers;
}

function readOutcome(
  { result }: Outcome,
  query: Selection,
  upstream: Upstream | undefined,
  queries: Budget,
) {
  if (result instanceof FetchFailure) return { code: result.code, detail: result.message };
  const redaction = createRedaction(upstream?.secrets ?? []);
  const { status, url, headers, bytes, redirects } = result;
  const ok = status >= 200 && status < 300;
  const { body_type, body } = redactedBody(result, redaction);
  // The body of an error is the upstream's explanation, not what the expression was written for.
  const selected =
    ok && body_type === "json"
      ? attemptQuery(() => ({ body: query.evaluate(body, queries) }))
      : { body };
  if ("detail" in selected) return selected;
  const visible = [...headers].filter(([name]) => !HIDDEN_HEADERS.has(name));
  return {
    url: redaction.text(url),
    http_status: status,
    ok,
    headers: Object.fromEntries(
      visible.map(([name, value]) => [redaction.text(name), redaction.text(value)]),
    ),
    body_type,
    body: selected.body,
    bytes: bytes.length,
    redirects,
  };
}

function redactedBody({ bytes, headers }: OutgoingResponse, redaction: Redaction): ResponseBody {
  redaction.bytes(bytes);
  // Bytes before they become base64; text again, since its charset can hide what the bytes spell.
  const decoded = decodeBody(bytes, headers.get("Content-Type"));
  return { ...decoded, body: redaction.value(decoded.body) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
