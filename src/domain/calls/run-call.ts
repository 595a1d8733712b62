// Runs one call, and makes its receipt from the response.
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
/** Redirects that one attempt at a call follows. */
const MAX_REDIRECTS = 5;
/** Methods whose repetition has no further effect (RFC 9110 §9.2.2). */
export const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
]);
/** Cookies that an upstream sets belong to the connection between it and the Worker, not to the caller. */
const HIDDEN_HEADERS = new Set(["set-cookie", "set-cookie2"]);
/** Value of the User-Agent header: some APIs refuse requests without one. */
const USER_AGENT = "serentak";

/** Surroundings of a call: how it is sent, and the limits it shares with the other calls of its request. */
export interface CallContext {
  readonly outgoing: Outgoing;
  readonly cache: ResponseCache;
  /** Milliseconds for one attempt, if the call sets no timeout of its own. */
  readonly callTimeoutMs: number;
  /** Steps that the `select` expressions of all calls may take together. */
  readonly queries: Budget;
}

/** The `error` field of a receipt. */
interface CallError {
  readonly code: FailureCode | "invalid-select";
  readonly detail: string;
}

/**
 * Runs a call within a deadline and returns its receipt. Never rejects.
 *
 * @param originOfTime the instant from which `started_ms` counts, on the clock's scale
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
  const { outcome, cache } = "detail" in query ? unsent() : await send(call, context, deadline);
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

// A function, since V8 parses the whole script anew to place the first error that is made.
function unsent(): { outcome: Outcome; cache?: CacheStatus } {
  const result = new FetchFailure("cancelled", "Not sent.");
  return { outcome: { result, attempts: 0, startedAt: null } };
}

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
  const load = (onConnected?: () => void) =>
    sendRequest(outgoingRequest, outgoing, deadline, onConnected);
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

/**
 * True if the operator opened this method. A redirect can turn a POST into a GET, so it is checked on each
 * hop.
 */
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
  // `select` is not applied to errors: their body has another shape, and holds the upstream's explanation.
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
  // Redacted twice: the bytes, since base64 would hide a secret, and the decoded text, since its charset can.
  const decoded = decodeBody(bytes, headers.get("Content-Type"));
  return { ...decoded, body: redaction.value(decoded.body) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
