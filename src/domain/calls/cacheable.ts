// Rules of the cache for responses of named upstreams (RFC 9111), where the operator says how long one is
// fresh.
import { parseHttpDate } from "../../lib/http-date";
import { FetchFailure, type Outcome, type OutgoingResponse } from "../outgoing/outgoing-fetch";
import { isCredential } from "../outgoing/redirects";

/** Headers by lower-case name. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** Seconds after its freshness for which a response may replace a failing upstream's answer (RFC 5861 §4). */
export const STALE_SECONDS = 86_400;
/** Share of the freshness for which an answer that there is nothing is kept. */
const NEGATIVE_SHARE = 0.1;
const NEGATIVE_STATUSES = new Set([404, 410]);
const TOO_MANY_REQUESTS = 429;

/** A response that is kept, and the request headers that it depends on. */
export interface KeptResponse {
  readonly response: OutgoingResponse;
  readonly storedAtEpochMs: number;
  /** Values of the headers that the upstream varies by, in the request that it answered. */
  readonly varied: RequestHeaders;
}

/** True for a status that means success. */
export function isOkStatus(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Milliseconds for which a response of this status is fresh; 0 if it is not kept. */
export function freshMs(status: number, freshSeconds: number): number {
  if (isOkStatus(status)) return freshSeconds * 1000;
  return NEGATIVE_STATUSES.has(status) ? freshSeconds * 1000 * NEGATIVE_SHARE : 0;
}

/** Seconds for which a response is kept: past its freshness, if it may stand in for a failing upstream. */
export function keptSeconds(status: number, freshSeconds: number): number {
  const fresh = Math.ceil(freshMs(status, freshSeconds) / 1000);
  return isOkStatus(status) ? fresh + STALE_SECONDS : fresh;
}

/** True if a response may be kept for everybody. */
export function isCacheable({ status, headers }: OutgoingResponse, freshSeconds: number): boolean {
  const forbids = /(?:^|[,\s])(?:private|no-store)(?:$|[,=\s])/i;
  return (
    freshMs(status, freshSeconds) > 0 &&
    !forbids.test(headers.get("Cache-Control") ?? "") &&
    headers.get("Vary")?.trim() !== "*"
  );
}

/** True if a caller's own credentials are in the request: what it gets is for that caller alone (RFC 9111 §3.5). */
export function isPersonal(headers: RequestHeaders): boolean {
  return Object.keys(headers).some((name) => name !== "idempotency-key" && isCredential(name));
}

/** The headers of a request that its response depends on, by the response's Vary. */
export function variedBy(response: Headers, request: RequestHeaders): RequestHeaders {
  const names = (response.get("Vary") ?? "").toLowerCase().split(",");
  return Object.fromEntries(
    names
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => [name, request[name] ?? ""]),
  );
}

/** True if a response that depends on these headers answers a request with those. */
export function answers(varied: RequestHeaders, request: RequestHeaders): boolean {
  return Object.entries(varied).every(([name, value]) => (request[name] ?? "") === value);
}

/** Conditional headers that ask if a response is still current; none if it has no validator. */
export function validatorsOf({ headers }: OutgoingResponse): RequestHeaders {
  const etag = headers.get("ETag");
  const modified = headers.get("Last-Modified");
  return {
    ...(etag !== null && { "if-none-match": etag }),
    ...(modified !== null && { "if-modified-since": modified }),
  };
}

/** True for failures that a stale response may hide; other statuses are the upstream's answer. */
export function isFailing({ result }: Outcome): boolean {
  if (result instanceof FetchFailure) return result.code === "network" || result.code === "timeout";
  return result.status >= 500 || result.status === TOO_MANY_REQUESTS;
}

/** The response as a request with these conditions gets it (RFC 9110 §13.1): a 304 if it has that version. */
export function underConditions(
  response: OutgoingResponse,
  request: RequestHeaders,
): OutgoingResponse {
  const isCurrent = isOkStatus(response.status) && holds(response.headers, request);
  return isCurrent ? { ...response, status: 304, bytes: new Uint8Array() } : response;
}

function holds(headers: Headers, request: RequestHeaders): boolean {
  const tags = request["if-none-match"];
  const etag = headers.get("ETag")?.replace(/^W\//, "");
  if (tags !== undefined) {
    const known = new Set(tags.split(",").map((tag) => tag.trim().replace(/^W\//, "")));
    return known.has("*") || (etag !== undefined && known.has(etag));
  }
  const since = parseHttpDate(request["if-modified-since"]);
  return parseHttpDate(headers.get("Last-Modified")) <= since;
}
