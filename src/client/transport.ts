// One call to the Worker: headers, safe repeats, and refusals as errors.
import type { Clock } from "../lib/clock";
import { backoffDelay } from "../lib/retry-delay";
import type { CallOptions, ClientOptions, CreateOptions } from "./api";
import { SerentakError } from "./error";
import { readRefusal, unexpectedReply } from "./read-refusal";

/** A call, before it has an address. */
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
  /** Whether it can be repeated although the first attempt may have been carried out; so for every GET. */
  readonly isRepeatable?: boolean;
}

/** What the parts of the client call the Worker with. */
export interface Transport {
  readonly clock: Clock;
  /** The reply's JSON; undefined for a 204. @throws SerentakError */
  call<Reply>(call: ApiCall, options?: CallOptions): Promise<Reply>;
  /** The same for what creates something: with an Idempotency-Key, so that it can be repeated. */
  create<Reply>(call: ApiCall, options?: CreateOptions): Promise<Reply>;
  /** A reply that is read while it comes in. @throws SerentakError */
  open(call: ApiCall, options?: CallOptions): Promise<Response>;
}

const MAX_RETRIES = 4;
const MAX_RETRY_WAIT_MS = 90_000;
/** What the platform refuses is either back by then, or for the day. */
const MAX_UNAVAILABLE_WAIT_MS = 30_000;
/** Refusals that came before anything was done: any call can be repeated. */
const UNTOUCHED: ReadonlySet<string> = new Set(["rate-limited", "idempotency-in-progress"]);

/** Makes calls with these options. `clock` waits between attempts. */
export function createTransport(options: ClientOptions, clock: Clock): Transport {
  const { baseUrl, maxRetryWaitMs = MAX_RETRY_WAIT_MS } = options;
  // Called without `this`, as browsers demand of their own.
  const { fetch = (url, init) => globalThis.fetch(url, init) } = options;
  const base = baseUrl.replace(/\/+$/, "");

  async function attempt<Reply>(
    call: ApiCall,
    { signal }: CallOptions,
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
        const waitMs = signal?.aborted ? null : retryDelay(error, call, retries);
        if (isUnavailable(error)) leftMs = Math.min(leftMs, MAX_UNAVAILABLE_WAIT_MS - waitedMs);
        if (waitMs === null || waitMs >= leftMs) throw error;
        leftMs -= waitMs;
        waitedMs += waitMs;
        await clock.sleep(waitMs, signal ?? neverAborted());
      }
    }
  }

  const call = <Reply>(request: ApiCall, callOptions: CallOptions = {}) =>
    attempt<Reply>(request, callOptions, readJson);
  return {
    clock,
    call,
    create: ({ headers, ...request }, { idempotencyKey = randomKey(), ...callOptions } = {}) => {
      const quoted = idempotencyKey.replace(/["\\]/g, "\\$&");
      const key = { "Idempotency-Key": `"${quoted}"` };
      const creation = { ...request, headers: { ...headers, ...key }, isRepeatable: true };
      return call({ method: "POST", ...creation }, callOptions);
    },
    open: (request, callOptions = {}) =>
      attempt(request, callOptions, (response) => Promise.resolve(response)),
  };
}

/** The POSTs that take something; those that steer a batch have its id for a proof. */
function isChallenged({ method, json, body }: ApiCall): boolean {
  return method === "POST" && (json !== undefined || body !== undefined);
}

/** A signal for those who do not give one. Not one for all: in a Worker each belongs to a request. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** Not `randomUUID`, which browsers only have on secure origins. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The query with its question mark, or nothing. What is undefined is left out. */
export function queryOf(query: ApiCall["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

function requestInit(call: ApiCall, token: string | undefined, signal: AbortSignal | undefined) {
  const headers = new Headers(call.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const isJson = call.json !== undefined;
  if (isJson) headers.set("Content-Type", "application/json");
  const body = isJson ? JSON.stringify(call.json) : call.body;
  const method = call.method ?? "GET";
  return { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) };
}

async function readJson<Reply>(response: Response): Promise<Reply> {
  const text = await response.text();
  try {
    // The Worker's reply has the type of its route; a 204 has none, and its callers want none.
    return (text === "" ? undefined : JSON.parse(text)) as Reply;
  } catch {
    throw unexpectedReply(response);
  }
}

/** How long to wait before a repeat, in milliseconds, or null where there shall be none. */
function retryDelay(error: unknown, call: ApiCall, retries: number): number | null {
  const { method = "GET", isRepeatable = method === "GET" } = call;
  const isRefused = error instanceof SerentakError;
  if (isRefused ? !isTemporary(error, isRepeatable) : !isRepeatable) return null;
  const toldSeconds = isRefused ? error.retryAfterSeconds : null;
  // What the Worker says needs no limit but that of the whole waiting, and no jitter.
  if (toldSeconds !== null) return toldSeconds * 1000;
  return retries < MAX_RETRIES ? backoffDelay(retries + 1, Math.random) : null;
}

/** The platform refuses for now: an object restarts or is overloaded, or a quota is spent. */
function isUnavailable(error: unknown): boolean {
  return error instanceof SerentakError && error.code === "unavailable";
}

function isTemporary({ code, status }: SerentakError, isRepeatable: boolean): boolean {
  if (UNTOUCHED.has(code)) return true;
  // A gateway answered in the Worker's place.
  const isGateway = code === "unexpected-reply" && status > 500;
  return isRepeatable && (status === 429 || status === 503 || isGateway);
}
