// Sends every request to another server, so that host policy, deadlines, retries, redirects and size limits
// hold for all of them alike.
import type { Clock } from "../../lib/clock";
import { startDeadline, type Deadline } from "../../lib/deadline";
import { backoffDelay, parseRetryAfter } from "../../lib/retry-delay";
import type { Semaphore } from "../../lib/semaphore";
import { readBody } from "./read-body";

/** Reason why a request got no response. */
export type FailureCode =
  | "timeout"
  | "network"
  | "host-not-allowed"
  | "too-many-redirects"
  | "response-too-large"
  | "cancelled";

/**
 * A request that got no response. `message` may be shown to the caller: it contains no text from the
 * upstream.
 */
export class FetchFailure extends Error {
  override readonly name = "FetchFailure";
  readonly code: FailureCode;

  constructor(code: FailureCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A request with its limits. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Milliseconds for one attempt with its redirects and body, counted from the instant it gets a connection. */
  readonly attemptTimeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Redirects to follow; with 0 a redirect is returned as it is. */
  readonly maxRedirects: number;
  /** Bytes of the decoded body, at most. */
  readonly maxBytes: number;
  /**
   * Whether status and headers are what matters: a 2xx body is not read at all, any other only so far, for a
   * second of its own, and whatever is wrong with it changes nothing.
   */
  readonly isExcerpt?: boolean;
  /**
   * Headers, secrets included, for a URL that the operator opened; null for any other URL, which `allows`
   * then decides.
   */
  grant?(url: URL, method: string): Readonly<Record<string, string>> | null;
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
    headers: Record<string, string>;
    body: string | null;
    redirect: "manual";
    signal: AbortSignal;
  },
) => Promise<{ status: number; headers: Headers; body: ReadableStream<Uint8Array> | null }>;

/** Surroundings of a request: network, clock, randomness, policy and connections. */
export interface Outgoing {
  readonly fetch: Fetcher;
  readonly clock: Clock;
  /** Returns a number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
  /** Returns true if the host policy allows a URL. */
  readonly allows: (url: URL) => boolean | Promise<boolean>;
  /** The invocation's connections. The time of an attempt does not run while it waits for one. */
  readonly slots: Semaphore;
}

/** Statuses of transient failures: a further attempt may succeed. */
export const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const RETRIED_FAILURES = new Set<FailureCode>(["network", "timeout"]);
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);
/** Credentials, which a redirect to another origin must not receive. */
const ORIGIN_BOUND_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);
const BODY_HEADERS = /^content-/;

/**
 * Sends a request until it succeeds, is refused for good, or the attempts or the time are used up.
 * Never rejects. Network failures, timeouts and the statuses 408, 429, 500, 502, 503 and 504 are
 * retried; a `Retry-After` that lies past the deadline ends the attempts instead.
 *
 * @param onConnected called when the first attempt gets its connection
 */
export async function sendRequest(
  request: OutgoingRequest,
  outgoing: Outgoing,
  deadline: Pick<Deadline, "at" | "signal">,
  onConnected?: () => void,
): Promise<Outcome> {
  const { clock, slots } = outgoing;
  let startedAt: number | null = null;
  let result: Outcome["result"] | undefined;
  let attempts = 0;
  try {
    await authorizeUrl(request.url, request.method, request, outgoing);
    for (;;) {
      const release = await slots.acquire(deadline.signal);
      startedAt ??= clock.now();
      onConnected?.();
      attempts += 1;
      result = await attempt(request, outgoing, deadline, release).finally(release);
      if (attempts > request.retries || !isRetried(result)) break;
      const delay = retryDelay(result, attempts, outgoing);
      if (clock.now() + delay >= deadline.at) break;
      await clock.sleep(delay, deadline.signal);
    }
  } catch (error) {
    // Thrown before an attempt: the policy refused the URL, or the deadline aborted a wait for a connection
    // or a retry.
    result = toFailure(error, deadline.signal);
  }
  return { result, attempts, startedAt };
}

function isRetried(result: Outcome["result"]): boolean {
  return result instanceof FetchFailure
    ? RETRIED_FAILURES.has(result.code)
    : RETRYABLE_STATUSES.has(result.status);
}

function retryDelay(
  result: Outcome["result"],
  attempts: number,
  { clock, random }: Outgoing,
): number {
  const asked =
    result instanceof FetchFailure
      ? null
      : parseRetryAfter(result.headers.get("Retry-After"), clock.epochNow());
  return asked ?? backoffDelay(attempts, random);
}

/** Makes one attempt. `release` frees the connection once the last response headers have arrived. */
async function attempt(
  request: OutgoingRequest,
  outgoing: Outgoing,
  deadline: Pick<Deadline, "at" | "signal">,
  release: () => void,
): Promise<Outcome["result"]> {
  const limit = startLimit(request.attemptTimeoutMs, outgoing.clock, deadline);
  const { signal } = limit ?? deadline;
  try {
    const { response, url, redirects } = await followRedirects(request, outgoing, signal);
    release();
    const bytes = await readBody(request, response, outgoing.clock);
    if (bytes === null)
      throw new FetchFailure(
        "response-too-large",
        `The body has more than ${request.maxBytes} bytes.`,
      );
    return { url: url.href, status: response.status, headers: response.headers, bytes, redirects };
  } catch (error) {
    return toFailure(error, signal);
  } finally {
    limit?.clear();
  }
}

/** The time limit of an attempt; null where it may take all that is left, which needs no second timer. */
function startLimit(
  ms: number,
  clock: Clock,
  { at, signal }: Pick<Deadline, "at" | "signal">,
): Deadline | null {
  if (clock.now() + ms >= at) return null;
  const reason = () => new FetchFailure("timeout", `No whole response within ${ms} ms.`);
  return startDeadline(ms, { clock, reason, parent: signal });
}

/**
 * Converts a thrown error into a failure with a text of ours: the runtime's own texts say little and may
 * quote addresses.
 */
export function toFailure(error: unknown, signal: AbortSignal): FetchFailure {
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof FetchFailure) return cause;
  if (signal.aborted) return new FetchFailure("cancelled", "The caller went away.");
  return new FetchFailure("network", "The connection failed or closed before a whole response.");
}

type Fetched = Awaited<ReturnType<Fetcher>>;

/** Follows redirects by hand, since each target must pass the host policy like the first URL. */
async function followRedirects(request: OutgoingRequest, outgoing: Outgoing, signal: AbortSignal) {
  let { url, method, headers, body } = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await outgoing.fetch(url.href, {
      method,
      headers: { ...headers, ...(await authorizeUrl(url, method, request, outgoing)) },
      body,
      redirect: "manual",
      signal,
    });
    const target = redirectTarget(response, url);
    if (target === null || request.maxRedirects === 0) return { response, url, redirects };
    await response.body?.cancel();
    if (redirects === request.maxRedirects) {
      throw new FetchFailure("too-many-redirects", `More than ${request.maxRedirects} redirects.`);
    }
    if (target.origin !== url.origin)
      headers = without(headers, (name) => ORIGIN_BOUND_HEADERS.has(name));
    if (becomesGet(response.status, method)) {
      method = "GET";
      body = null;
      headers = without(headers, (name) => BODY_HEADERS.test(name));
    }
    url = target;
  }
}

/** The headers that the operator adds for this URL. @throws FetchFailure `host-not-allowed` */
async function authorizeUrl(
  url: URL,
  method: string,
  request: OutgoingRequest,
  { allows }: Outgoing,
) {
  const granted = request.grant?.(url, method) ?? null;
  if (granted !== null || (await allows(url))) return granted;
  const what = url === request.url ? "This" : "A redirect leads to what";
  throw new FetchFailure("host-not-allowed", `${what} ${describeRefusal(url)}.`);
}

function describeRefusal({ protocol, username, password }: URL): string {
  if (!/^https?:$/.test(protocol)) return "is no http(s) URL";
  if (username + password !== "") return "holds a user name or password";
  return "is not in ALLOWED_HOSTS, where * covers no private, local or own host";
}

function redirectTarget({ status, headers }: Fetched, from: URL): URL | null {
  const location = REDIRECT_STATUSES.has(status) ? headers.get("Location") : null;
  return location === null ? null : URL.parse(asUtf8(location), from.href);
}

/**
 * Decodes a header as UTF-8: the runtime gives one character per byte, while servers write addresses in
 * UTF-8.
 */
function asUtf8(header: string): string {
  const bytes = Array.from(header, (character) => character.charCodeAt(0));
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  return text.includes("\ufffd") || bytes.some((byte) => byte > 0xff) ? header : text;
}

/** True if a redirect changes the method to GET (Fetch standard, HTTP-redirect fetch, step 12). */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function without(headers: OutgoingRequest["headers"], drop: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !drop(name)));
}
