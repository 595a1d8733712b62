// Sends requests to the Worker: headers, safe retries, refusals as errors.
import type { Clock } from "../lib/clock";
import { backoffDelay } from "../lib/retry-delay";
import type { CallOptions, ClientOptions, CreateOptions } from "./api";
import { SerentakError } from "./error";
import { readBytes, readLines } from "./lines";
import { foreignReply, parseObject, readRefusal } from "./reply";

/** A request to the Worker, relative to its base URL. */
export interface ApiCall {
  /** GET unless said otherwise. */
  readonly method?: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, under the Content-Type of `headers`. */
  readonly body?: Blob | string;
  /** Members of which each reply of this route has one: what has none of them comes from somebody else. */
  readonly has?: readonly string[];
  /**
   * True if the request may be sent again although the first attempt may have had its effect. True for
   * GET by default.
   */
  readonly isRepeatable?: boolean;
}

/** Interface through which the parts of the client send requests. */
export interface Transport {
  readonly clock: Clock;
  /**
   * Resolves with the reply's JSON; undefined for a 204.
   *
   * @throws SerentakError
   */
  call<Reply>(call: ApiCall, options?: CallOptions): Promise<Reply>;
  /** As `call`, for requests that create something: sends an Idempotency-Key, so that it can retry them. */
  create<Reply>(call: ApiCall, options?: CreateOptions): Promise<Reply>;
  /**
   * Yields the lines of a reply of this media type as they arrive. `timeoutMs` bounds the time until the
   * first of them may be read.
   *
   * @throws SerentakError
   */
  lines(call: ApiCall, mediaType: string, options?: CallOptions): AsyncGenerator<string, void>;
  /** As `lines`, with the bytes as they come. */
  bytes(call: ApiCall, mediaType: string, options?: CallOptions): AsyncGenerator<Uint8Array, void>;
}

/** Media types of files. */
export const MEDIA_TYPES = { ndjson: "application/x-ndjson", csv: "text/csv" };

const MAX_RETRIES = 4;
const MAX_RETRY_WAIT_MS = 90_000;
/**
 * Limit for the Retry-After of `unavailable`: an outage is over by then, or a quota is spent until
 * midnight.
 */
const MAX_UNAVAILABLE_WAIT_MS = 30_000;
/** Refusals issued before anything was done: any request can be repeated after them. */
const UNTOUCHED: ReadonlySet<string> = new Set(["rate-limited", "idempotency-in-progress"]);

/** Creates a transport. `clock` waits between attempts. */
export function createTransport(options: ClientOptions, clock: Clock): Transport {
  const { baseUrl, maxRetryWaitMs = MAX_RETRY_WAIT_MS } = options;
  // `fetch` is called without `this`: browsers refuse their own `fetch` with any other receiver.
  const { fetch = (url, init) => globalThis.fetch(url, init) } = options;
  const base = baseUrl.replace(/\/+$/, "");

  async function attempts<Reply>(
    call: ApiCall,
    signal: AbortSignal,
    read: (response: Response) => Promise<Reply>,
  ): Promise<Reply> {
    const url = base + call.path + queryOf(call.query);
    const init = requestInit(call, options.token, signal);
    let [leftMs, waitedMs] = [maxRetryWaitMs, 0];
    for (let retries = 0; ; retries += 1) {
      if (options.turnstileToken && isChallenged(call)) {
        init.headers.set("Turnstile-Token", await options.turnstileToken());
      }
      try {
        const response = await fetch(url, init);
        if (!response.ok) throw await readRefusal(response, clock.epochNow());
        return await read(response);
      } catch (error) {
        const waitMs = signal.aborted ? null : retryDelay(error, call, retries);
        if (isUnavailable(error)) leftMs = Math.min(leftMs, MAX_UNAVAILABLE_WAIT_MS - waitedMs);
        if (waitMs === null || waitMs >= leftMs) throw error;
        leftMs -= waitMs;
        waitedMs += waitMs;
        await clock.sleep(waitMs, signal);
      }
    }
  }

  /** Runs a call under its own signal: the caller's, and the end of its time. */
  async function within<Reply>(
    { signal, timeoutMs = options.timeoutMs }: CallOptions,
    run: (signal: AbortSignal) => Promise<Reply>,
  ): Promise<Reply> {
    const timer = new AbortController();
    const cancelTimer =
      timeoutMs === undefined
        ? undefined
        : clock.after(timeoutMs, () => timer.abort(timeoutError(timeoutMs)));
    const either = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal;
    try {
      return await run(either);
    } catch (error) {
      // Browsers differ in what an aborted fetch rejects with; the reason is the same in all of them.
      throw either.aborted ? either.reason : error;
    } finally {
      cancelTimer?.();
    }
  }

  async function* bytes(call: ApiCall, mediaType: string, callOptions: CallOptions = {}) {
    const headers = { ...call.headers, Accept: mediaType };
    const response = await within(callOptions, (signal) =>
      attempts({ ...call, headers }, signal, (reply) => opened(reply, mediaType)),
    );
    try {
      yield* readBytes(response);
    } catch (error) {
      throw callOptions.signal?.aborted ? callOptions.signal.reason : error;
    }
  }

  const call = <Reply>(request: ApiCall, callOptions: CallOptions = {}) =>
    within(callOptions, (signal) =>
      attempts<Reply>(request, signal, (response) => readJson(response, request.has)),
    );
  return {
    clock,
    call,
    create: ({ headers, ...request }, { idempotencyKey = randomKey(), ...callOptions } = {}) => {
      const quoted = idempotencyKey.replace(/["\\]/g, "\\$&");
      const key = { "Idempotency-Key": `"${quoted}"` };
      const creation = { ...request, headers: { ...headers, ...key }, isRepeatable: true };
      return call({ method: "POST", ...creation }, callOptions);
    },
    bytes,
    lines: (...args) => readLines(bytes(...args)),
  };
}

function timeoutError(timeoutMs: number): DOMException {
  return new DOMException(`The call took longer than ${timeoutMs} ms`, "TimeoutError");
}

/**
 * True for POSTs that need a Turnstile token. Those that steer a batch need none: knowing its id is the
 * proof.
 */
function isChallenged({ method, json, body }: ApiCall): boolean {
  return method === "POST" && (json !== undefined || body !== undefined);
}

/** A signal for calls without one. A new one for each, since a Worker ties every signal to one request. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** A random Idempotency-Key. `randomUUID` would need a secure origin in browsers. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The query string with its question mark, or an empty text. Undefined parameters are left out. */
export function queryOf(query: ApiCall["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

function requestInit(call: ApiCall, token: string | undefined, signal: AbortSignal) {
  const headers = new Headers(call.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const isJson = call.json !== undefined;
  if (isJson) headers.set("Content-Type", "application/json");
  const body = isJson ? JSON.stringify(call.json) : call.body;
  const method = call.method ?? "GET";
  return { method, headers, signal, ...(body !== undefined && { body }) };
}

/** The response, if it is of the type that was asked for: the page of a captive portal is not. */
async function opened(response: Response, mediaType: string): Promise<Response> {
  if (isOf(response, mediaType)) return response;
  await response.body?.cancel();
  throw new SerentakError(foreignReply(response));
}

async function readJson<Reply>(response: Response, members: ApiCall["has"]): Promise<Reply> {
  // Each call names the reply type of its route; for a 204 that is undefined.
  if (response.status === 204 && members === undefined) return undefined as Reply;
  const text = await response.text();
  const reply = isOf(response, "application/json") ? parseObject(text, members) : undefined;
  if (reply === undefined) throw new SerentakError(foreignReply(response));
  return reply as Reply;
}

function isOf({ headers }: Response, mediaType: string): boolean {
  return headers.get("Content-Type")?.toLowerCase().startsWith(mediaType) ?? false;
}

/** Milliseconds to wait before the next attempt, or null if there is to be none. */
function retryDelay(error: unknown, call: ApiCall, retries: number): number | null {
  const { method = "GET", isRepeatable = method === "GET" } = call;
  const isRefused = error instanceof SerentakError;
  if (isRefused ? !isTemporary(error, isRepeatable) : !isRepeatable) return null;
  const toldSeconds = isRefused ? error.retryAfterSeconds : null;
  // A delay that the Worker names is used as it is: without jitter, and bounded only by the call's whole
  // waiting time.
  if (toldSeconds !== null) return toldSeconds * 1000;
  return retries < MAX_RETRIES ? backoffDelay(retries + 1, Math.random) : null;
}

/**
 * The code of a transient refusal by the platform: an object restarts or is overloaded, or a quota is
 * spent.
 */
function isUnavailable(error: unknown): boolean {
  return error instanceof SerentakError && error.code === "unavailable";
}

function isTemporary({ code, status }: SerentakError, isRepeatable: boolean): boolean {
  if (UNTOUCHED.has(code)) return true;
  // A status of a gateway in front of the Worker.
  const isGateway = code === "unexpected-reply" && status > 500;
  return isRepeatable && (status === 429 || status === 503 || isGateway);
}
