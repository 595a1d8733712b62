// Sends one call: what is put into the request, where it may come from the cache, and what is redacted before
// anybody keeps or reads it.
import type { TimeLimit } from "../../lib/deadline";
import { maxBackoff } from "../../lib/retry-delay";
import { CDN_LOOP_MARK } from "../platform";
import {
  FetchFailure,
  sendRequest,
  type Grant,
  type Outcome,
  type OutgoingRequest,
  type OutgoingResponse,
  type RequestBody,
} from "../outgoing/outgoing-fetch";
import { createRedaction, type Redaction } from "../outgoing/redaction";
import { redactBody } from "../outgoing/redact-body";
import { isPersonal, underConditions, type RequestHeaders } from "./cacheable";
import { DEFAULT_RETRIES, hasBody, type CallRequest } from "./call-request";
import { encodeParameters, type PreparedCall } from "./prepare-call";
import { loadCached, type CacheStatus, type LoadOptions } from "./response-cache";
import type { CallContext } from "./run-call";
import type { AccessToken } from "./upstream-gate";
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
/** Value of the User-Agent header: some APIs refuse requests without one. */
const USER_AGENT = "serentak";
const CONDITIONS = ["if-none-match", "if-modified-since"];

/** An outcome without secrets, and the cache's part in it. */
export interface Sent {
  readonly outcome: Outcome;
  readonly cache?: CacheStatus;
}

/** Sends a call, or takes its response from the cache. */
export async function sendCall(
  call: PreparedCall,
  context: CallContext,
  limit: TimeLimit,
): Promise<Sent> {
  const { request, upstream } = call;
  const headers = requestHeaders(request);
  if (upstream === undefined || !isCached(upstream, request))
    return { outcome: await sendRedacted(call, headers, context, limit) };
  const { cache, outgoing } = context;
  const lasting = without(headers, CONDITIONS);
  const attempts = retriesOf(request) + 1;
  const load = ({ validators, isReplaceable, onConnected }: LoadOptions) =>
    sendRedacted(call, { ...lasting, ...validators }, context, limit, {
      onConnected,
      ...(isReplaceable && { retries: 0 }),
    });
  const loaded = await loadCached({
    key: JSON.stringify([upstream.fingerprint, normalize(call.url)]),
    headers: lasting,
    freshSeconds: upstream.cacheSeconds,
    cache,
    clock: outgoing.clock,
    deadline: limit,
    attemptsMs: attemptTimeout(request, context) * attempts + maxBackoff(attempts - 1),
    load,
  });
  const { result } = loaded.outcome;
  if (result instanceof FetchFailure) return loaded;
  return {
    cache: loaded.cache,
    outcome: { ...loaded.outcome, result: underConditions(result, headers) },
  };
}

function isCached({ cacheSeconds }: Upstream, { method, headers }: CallRequest): boolean {
  return cacheSeconds > 0 && method === "GET" && !isPersonal(lowerCased(headers));
}

/** The URL with its parameters in one order, which upstreams do not tell apart. */
function normalize(url: URL): string {
  const normal = new URL(url);
  normal.searchParams.sort();
  return normal.href;
}

/** Options of one sending. */
interface SendOptions {
  /** Overrides the retries that the call asks for. */
  readonly retries?: number;
  readonly onConnected?: () => void;
}

/** Sends a call with the operator's additions, and redacts them in whatever comes back. */
async function sendRedacted(
  call: PreparedCall,
  headers: RequestHeaders,
  context: CallContext,
  limit: TimeLimit,
  options: SendOptions = {},
): Promise<Outcome> {
  const { request, upstream } = call;
  const base = {
    url: call.url,
    method: request.method,
    headers,
    body: bodyOf(request),
    attemptTimeoutMs: attemptTimeout(request, context),
    retries: options.retries ?? retriesOf(request),
    maxRedirects: MAX_REDIRECTS,
    maxBytes: MAX_RESPONSE_BYTES,
  };
  const { onConnected } = options;
  if (upstream === undefined) return sendRequest(base, context.outgoing, limit, onConnected);
  const { quota, oauth2 } = upstream;
  const gate = quota === null && oauth2 === null ? null : context.gateOf(upstream);
  const attempt = async (token: AccessToken | null) => {
    const secrets = token?.secrets ?? upstream.secrets;
    const redaction = createRedaction(secrets);
    const granted: OutgoingRequest = {
      ...base,
      grant: (url, method) =>
        isOpen(call, url, method) ? additionsOf(upstream, token, url) : null,
      tellsSecret: ({ href }) => redaction.text(href) !== href,
      ...(gate !== null && quota !== null && { waitForTurn: gate.waitForTurn }),
    };
    const outcome = await sendRequest(granted, context.outgoing, limit, onConnected);
    if (secrets.length === 0) return outcome;
    return { ...outcome, result: redact(outcome.result, redaction) };
  };
  return gate === null || oauth2 === null ? attempt(null) : withToken(gate.accessToken, attempt);
}

/** Sends with a token, and once more with a fresh one if the upstream does not take it. */
async function withToken(
  accessToken: (refused: string | null) => Promise<AccessToken>,
  send: (token: AccessToken) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    const token = await accessToken(null);
    const first = await send(token);
    const isRefused = !(first.result instanceof FetchFailure) && first.result.status === 401;
    if (!isRefused) return first;
    const fresh = await accessToken(token.value);
    if (fresh.value === token.value) return first;
    const second = await send(fresh);
    const { startedAt } = first;
    return { ...second, attempts: first.attempts + second.attempts, startedAt };
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    return { result: error, attempts: 0, startedAt: null };
  }
}

/**
 * True for a URL and a method that the operator opened. Each hop is checked, since a redirect can turn a POST
 * into a GET; the first URL was checked when it was made.
 */
function isOpen({ upstream, url: first }: PreparedCall, url: URL, method: string): boolean {
  if (upstream === undefined || !upstream.methods.some((open) => open === method)) return false;
  return url.href === first.href || upstream.covers(url);
}

/** The operator's additions for a URL. */
function additionsOf({ headers, query }: Upstream, token: AccessToken | null, url: URL): Grant {
  return {
    headers: token === null ? headers : { ...headers, authorization: `Bearer ${token.value}` },
    url: query.length === 0 ? url : withParameters(url, query),
  };
}

/** Adds parameters that the URL does not have. Those that stand there are left as they are written. */
function withParameters(url: URL, query: Upstream["query"]): URL {
  const missing = query.filter(([name]) => !url.searchParams.has(name));
  const added = new URLSearchParams(missing.map(([name, value]) => [name, value])).toString();
  const whole = new URL(url);
  if (added !== "") whole.search = url.search === "" ? added : `${url.search}&${added}`;
  return whole;
}

function redact(result: Outcome["result"], redaction: Redaction): Outcome["result"] {
  if (result instanceof FetchFailure) {
    const { code, message, head } = result;
    if (head === null) return result;
    const headers = redactHeaders(head.headers, redaction);
    return new FetchFailure(code, message, { status: head.status, headers });
  }
  return redactResponse(result, redaction);
}

function redactResponse(response: OutgoingResponse, redaction: Redaction): OutgoingResponse {
  const headers = redactHeaders(response.headers, redaction);
  const before = { bytes: response.bytes, contentType: headers.get("Content-Type") };
  const { bytes, contentType } = redactBody(before, redaction);
  if (contentType !== null) headers.set("Content-Type", contentType);
  return { ...response, url: redaction.text(response.url), headers, bytes };
}

function redactHeaders(headers: Headers, { text }: Redaction): Headers {
  const redacted = new Headers();
  for (const [name, value] of headers) {
    // A name that holds a secret could not be written as a name any more.
    if (text(name) === name) redacted.append(name, text(value));
  }
  return redacted;
}

function attemptTimeout({ timeout_ms }: CallRequest, { callTimeoutMs }: CallContext): number {
  return timeout_ms ?? callTimeoutMs;
}

function retriesOf({ retries, method }: CallRequest): number {
  return retries ?? (IDEMPOTENT_METHODS.has(method) ? DEFAULT_RETRIES : 0);
}

function bodyOf(request: CallRequest): RequestBody | null {
  const { json, body, form, body_base64 } = request;
  if (hasBody(request, "json")) return JSON.stringify(json);
  if (form !== undefined) return encodeParameters(form);
  return body_base64 === undefined ? (body ?? null) : Uint8Array.fromBase64(body_base64);
}

function requestHeaders(request: CallRequest): Record<string, string> {
  const headers: Record<string, string> = {
    accept: "*/*",
    "user-agent": USER_AGENT,
    "cdn-loop": CDN_LOOP_MARK,
  };
  if (hasBody(request, "json")) headers["content-type"] = "application/json";
  if (request.form !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  return Object.assign(headers, lowerCased(request.headers));
}

function lowerCased(headers: RequestHeaders): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

function without(headers: RequestHeaders, names: readonly string[]): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
