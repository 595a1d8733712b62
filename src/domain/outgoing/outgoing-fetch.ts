// Sends every request to another server, so that host policy, deadlines, retries, redirects and size limits
// hold for all of them alike.
import type { Clock } from "../../lib/clock";
import type { TimeLimit } from "../../lib/deadline";
import type { Semaphore } from "../../lib/semaphore";
import { decodeContent, leftCodings, type Decompress } from "./content-coding";
import { FetchFailure, toFailure, undecodable, type ResponseHead } from "./fetch-failure";
import { readBody } from "./read-body";
import { nextHop, type Hop } from "./redirects";
import { isTransient, retryDelay } from "./retries";

export { FetchFailure, overSubrequests, toFailure, type FailureCode } from "./fetch-failure";

/** The body of a request: a text, or bytes. */
export type RequestBody = string | Uint8Array<ArrayBuffer>;

/** Additions of the operator to a request: headers, and the URL with what its query needs. Secrets are in both. */
export interface Grant {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: URL;
}

/** A request with its limits. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
  /** Milliseconds for one attempt with its redirects and body, counted from the instant it gets a connection. */
  readonly attemptTimeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Redirects to follow; with 0 a redirect is returned as it is. */
  readonly maxRedirects: number;
  /** Bytes of the decoded body, at most. */
  readonly maxBytes: number;
  /**
   * True if status and headers are what matters: a 2xx body is not read at all, any other only so far, for a
   * second of its own, and whatever is wrong with it changes nothing.
   */
  readonly isExcerpt?: boolean;
  /** Additions for a URL that the operator opened; null for any other URL, which `allows` then decides. */
  grant?(this: void, url: URL, method: string): Grant | null;
  /** True for the target of a redirect that holds a secret, which only URLs that the operator opened may get. */
  tellsSecret?(this: void, url: URL): boolean;
  /**
   * Waits for the turn of an attempt, where the upstream has a quota.
   *
   * @throws FetchFailure `quota-exceeded` if it does not come before the limit
   */
  waitForTurn?(this: void, limit: TimeLimit): Promise<void>;
}

/** A response with its whole body. */
export interface OutgoingResponse {
  /** The URL that answered, after redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly redirects: number;
}

/** Result of a request, with the attempts it took. */
export interface Outcome {
  readonly result: OutgoingResponse | FetchFailure;
  readonly attempts: number;
  /** The instant when the first attempt got its connection, on the clock's scale; null if none did. */
  readonly startedAt: number | null;
}

/** The part of the runtime's `fetch` that is used here. */
export type Fetcher = (
  url: string,
  init: {
    method: string;
    headers: Readonly<Record<string, string>>;
    body: RequestBody | null;
    redirect: "manual";
    signal: AbortSignal;
  },
) => Promise<Fetched>;

/** A response whose body has not been read. */
export interface Fetched extends ResponseHead {
  readonly body: ReadableStream<Uint8Array> | null;
  /** Reads the whole body, however long it is. */
  arrayBuffer?(): Promise<ArrayBuffer>;
}

/** Surroundings of a request: network, clock, randomness, policy and connections. */
export interface Outgoing {
  readonly fetch: Fetcher;
  readonly clock: Clock;
  /** Returns a number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** Returns true if the host policy allows a URL. */
  readonly allows: (url: URL) => boolean;
  /** The invocation's connections. The time of an attempt does not run while it waits for one. */
  readonly slots: Semaphore;
  /** Decodes a content coding that the runtime's `fetch` leaves. */
  readonly decompress: Decompress;
  /** Takes one of the requests that may be sent. @throws FetchFailure if none is left */
  takeRequest?(this: void): void | Promise<void>;
}

/**
 * Sends a request until it succeeds, is refused for good, or the attempts or the time are used up.
 * Never rejects. What is transient is retried (`isTransient`); a wait that a response asks for and that lies
 * past the limit ends the attempts instead.
 *
 * @param limit of all attempts and the waits between them
 * @param onConnected called when the first attempt gets its connection
 */
export async function sendRequest(
  request: OutgoingRequest,
  outgoing: Outgoing,
  limit: TimeLimit,
  onConnected?: () => void,
): Promise<Outcome> {
  const { clock, slots } = outgoing;
  const heard: Heard = { head: null };
  let startedAt: number | null = null;
  let result: Outcome["result"] | undefined;
  let attempts = 0;
  try {
    const granted = authorizeUrl(request.url, request.method, request, outgoing);
    for (;;) {
      if (request.waitForTurn !== undefined) await request.waitForTurn(limit);
      limit.throwIfOver();
      const release = slots.tryAcquire() ?? (await slots.acquire(limit.signal));
      startedAt ??= clock.now();
      onConnected?.();
      attempts += 1;
      result = await attempt({ request, granted, heard }, outgoing, limit, release);
      release();
      if (attempts > request.retries || !isTransient(result)) break;
      const { random } = outgoing;
      const delay = retryDelay(result, attempts, { epochMs: clock.epochNow(), random });
      if (clock.now() + delay >= limit.at) break;
      await clock.sleep(delay, limit.signal);
    }
  } catch (error) {
    // Thrown before an attempt: the policy or a quota refused it, or the limit aborted a wait for a connection
    // or a retry. An answer that was there already is better than none.
    const failure = toFailure(error, limit.signal, heard.head);
    result = keepsAnswer(failure) ? (result ?? failure) : failure;
  }
  return { result, attempts, startedAt };
}

/** True for a failure after which the last attempt's answer still stands: only the next one was refused. */
function keepsAnswer({ code }: FetchFailure): boolean {
  return code === "quota-exceeded";
}

/** The latest response of all attempts and redirects. */
interface Heard {
  head: ResponseHead | null;
}

/** A request whose URL the policy has allowed, with what the operator adds there. */
interface AllowedRequest {
  readonly heard: Heard;
  readonly request: OutgoingRequest;
  readonly granted: Grant | null;
}

/**
 * Makes one attempt. Never rejects. `release` frees the connection once the last response headers have
 * arrived.
 */
async function attempt(
  allowed: AllowedRequest,
  outgoing: Outgoing,
  whole: TimeLimit,
  release: () => void,
): Promise<Outcome["result"]> {
  const { request, heard } = allowed;
  const { attemptTimeoutMs } = request;
  const { signal } = whole.within(
    attemptTimeoutMs,
    () => new FetchFailure("timeout", `No whole response within ${attemptTimeoutMs} ms.`),
  );
  try {
    const { response, url, redirects } = await followRedirects(allowed, outgoing, signal);
    const { status, headers } = response;
    release();
    const bytes = await readRepresentation(request, response, outgoing);
    return { url: url.href, status, headers, bytes, redirects };
  } catch (error) {
    return toFailure(error, signal, heard.head);
  }
}

/** The body, decoded. @throws FetchFailure if it is too large, or has a coding that cannot be decoded */
async function readRepresentation(
  request: OutgoingRequest,
  response: Fetched,
  { clock, decompress }: Outgoing,
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes } = request;
  const read = await readBody(request, response, clock);
  const codings = leftCodings(response.headers.get("Content-Encoding"));
  const bytes =
    read === null || read.length === 0 || codings.length === 0 || request.isExcerpt === true
      ? (read ?? "large")
      : await decodeContent(read, codings, maxBytes, decompress);
  if (bytes === "large")
    throw new FetchFailure("response-too-large", `The body has more than ${maxBytes} bytes.`);
  if (bytes === null) throw undecodable();
  return bytes;
}

/** Follows redirects by hand, since each target must pass the host policy like the first URL. */
async function followRedirects(
  { request, granted: first, heard }: AllowedRequest,
  outgoing: Outgoing,
  signal: AbortSignal,
) {
  let hop: Hop<RequestBody> = request;
  for (let redirects = 0; ; redirects += 1) {
    const { url, method, body } = hop;
    const granted = redirects === 0 ? first : authorizeUrl(url, method, request, outgoing);
    await outgoing.takeRequest?.();
    const { sentTo, headers } = withGrant(hop, granted);
    const init = { method, headers, body, redirect: "manual" as const, signal };
    const response = await outgoing.fetch(sentTo, init);
    heard.head = response;
    const next = request.maxRedirects === 0 ? null : nextHop(response, hop, sentTo);
    if (next === null || isSecretElsewhere(next, request)) return { response, url, redirects };
    await response.body?.cancel();
    if (redirects === request.maxRedirects) {
      const detail = `More than ${request.maxRedirects} redirects.`;
      throw new FetchFailure("too-many-redirects", detail);
    }
    hop = next;
  }
}

function withGrant({ url, headers }: Hop<RequestBody>, granted: Grant | null) {
  if (granted === null) return { sentTo: url.href, headers };
  return { sentTo: granted.url.href, headers: { ...headers, ...granted.headers } };
}

/** True if a redirect would tell a secret, such as a key in the query, to a URL that the operator did not open. */
function isSecretElsewhere(
  { url, method }: Hop<RequestBody>,
  { grant, tellsSecret }: OutgoingRequest,
): boolean {
  return tellsSecret?.(url) === true && grant?.(url, method) === null;
}

/** Additions of the operator for this URL. @throws FetchFailure `host-not-allowed` */
function authorizeUrl(
  url: URL,
  method: string,
  request: OutgoingRequest,
  { allows }: Outgoing,
): Grant | null {
  const granted = request.grant?.(url, method) ?? null;
  if (granted !== null || allows(url)) return granted;
  const what = url === request.url ? "This" : "A redirect leads to what";
  throw new FetchFailure("host-not-allowed", `${what} ${describeRefusal(url)}.`);
}

function describeRefusal({ protocol, username, password }: URL): string {
  if (!/^https?:$/.test(protocol)) return "is no http(s) URL";
  if (username + password !== "") return "holds a user name or password";
  return "is not in ALLOWED_HOSTS, where * covers no private, local or own host";
}
