// Behaviours of the test upstreams, one path each: the faults that a caller of many APIs meets, made on
// purpose. The query sets the details; the only state is a count of hits by key, so that tests stay independent.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";

/** One request on its way through a behaviour. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The requested URL, absolute. */
  readonly url: URL;
  readonly body: string;
  /** 1 for the first request with this `?key=`, then 2, 3, … */
  readonly hit: number;
  /** Resolves once so many requests with this `?key=` have arrived. */
  readonly until: (key: string, hits: number) => Promise<void>;
  /** Tells the server's records how many bytes of body were handed to the socket. */
  readonly sent: (bytes: number) => void;
}

/** Answers a request, or fails it in its own way. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

const FILLER = Buffer.alloc(64 * 1024, "a");
const BOMB_BYTES = 50 * 1024 * 1024;
const HUGE_BYTES = 1024 ** 4;

function numberFrom(url: URL, name: string, otherwise: number): number {
  return Number(url.searchParams.get(name) ?? otherwise);
}

function reply(
  { response }: Exchange,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string | Uint8Array = "",
): void {
  response.writeHead(status, headers).end(body);
}

function json(exchange: Exchange, status: number, value: unknown, headers = {}): void {
  reply(
    exchange,
    status,
    { "content-type": "application/json", ...headers },
    JSON.stringify(value),
  );
}

/** `Retry-After` as the query asks: `retry_after=` as it stands, or `retry_date_ms=` from now as an HTTP-date. */
function retryAfter(url: URL): OutgoingHttpHeaders {
  const dateMs = url.searchParams.get("retry_date_ms");
  if (dateMs !== null) {
    return { "retry-after": new Date(Date.now() + Number(dateMs)).toUTCString() };
  }
  const value = url.searchParams.get("retry_after");
  return value === null ? {} : { "retry-after": value };
}

/**
 * `?status=` (default 503) with an error body, or a connection reset for `?status=reset`. A receiver of
 * messages says with `?delivery=` what is to become of them.
 */
function fail(exchange: Exchange): void {
  const { searchParams } = exchange.url;
  const status = searchParams.get("status") ?? "503";
  if (status === "reset") return reset(exchange);
  const delivery = searchParams.get("delivery");
  json(
    exchange,
    Number(status),
    { hit: exchange.hit },
    { ...retryAfter(exchange.url), ...(delivery !== null && { "webhook-delivery": delivery }) },
  );
}

function reset({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}

function redirect(exchange: Exchange, to: string): void {
  // A header carries ASCII only; in a URL, percent-encoding says the same, in the host as well.
  const location = to.replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent);
  reply(exchange, numberFrom(exchange.url, "status", 302), { location });
}

/** Sends `total` bytes of text, or goes on until the client closes. */
async function stream({ response, sent }: Exchange, total: number): Promise<void> {
  function* chunks(): Generator<Uint8Array> {
    for (let left = total; left > 0; left -= FILLER.length) {
      const chunk = FILLER.subarray(0, Math.min(left, FILLER.length));
      sent(chunk.length);
      yield chunk;
    }
  }
  await pipeline(Readable.from(chunks()), response);
}

/** Method, path with query, headers and body of the request, as the upstream saw them. */
function describe({ request, url, body, hit }: Exchange): Record<string, unknown> {
  const { method, headers } = request;
  return { method, path: url.pathname + url.search, headers, body, hit };
}

/** Arrivals of the last moments at `/limited`, by key. */
const arrivals = new Map<string, number[]>();

/** Takes `?rate=` requests (default 5) in any `?window_ms=` (1000), and refuses others with 429. */
async function limited(exchange: Exchange): Promise<void> {
  const { url } = exchange;
  const key = url.searchParams.get("of") ?? "";
  const now = performance.now();
  const since = now - numberFrom(url, "window_ms", 1000);
  const taken = (arrivals.get(key) ?? []).filter((at) => at > since);
  const isTaken = taken.length < numberFrom(url, "rate", 5);
  arrivals.set(key, isTaken ? [...taken, now] : taken);
  await delay(numberFrom(url, "ms", 20));
  if (isTaken) json(exchange, 200, { hit: exchange.hit });
  else json(exchange, 429, {}, retryAfter(url));
}

/** Bodies that are not in the content coding under which they are sent. */
const MISCODED: Readonly<Record<string, Uint8Array>> = {
  text: Buffer.from("not compressed at all"),
  none: new Uint8Array(),
  cut: gzipSync(randomBytes(10_000)).subarray(0, 1000),
  damaged: Uint8Array.from(gzipSync("a text")).fill(0, -8),
  followed: Buffer.concat([gzipSync("a text"), Buffer.from("more")]),
};

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes),
  "x-gzip": (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  "deflate:raw": (bytes) => deflateRawSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

let bomb: Buffer | undefined;

/** The behaviours by the first segment of the path; what follows it is free. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  echo: (exchange) => json(exchange, 200, describe(exchange)),
  // The request's headers come back as a text, as bytes, in a header, in a redirect's target.
  "echo-text": (exchange) =>
    reply(exchange, 200, { "content-type": "text/plain" }, JSON.stringify(describe(exchange))),
  "echo-binary": (exchange) => {
    const bytes = Buffer.concat([
      Buffer.of(0xff, 0),
      Buffer.from(JSON.stringify(describe(exchange))),
    ]);
    reply(exchange, 200, { "content-type": "application/octet-stream" }, bytes);
  },
  "echo-utf16": (exchange) =>
    reply(
      exchange,
      200,
      { "content-type": "text/plain; charset=utf-16le" },
      Buffer.from(JSON.stringify(describe(exchange)), "utf16le"),
    ),
  "echo-nested": (exchange) => json(exchange, 200, { data: JSON.stringify(describe(exchange)) }),
  "echo-header": (exchange) =>
    json(exchange, 200, {}, { "x-echo": JSON.stringify(exchange.request.headers) }),
  miscoded: (exchange) => {
    const { searchParams } = exchange.url;
    const body = MISCODED[searchParams.get("how") ?? ""] ?? new Uint8Array();
    const coding = searchParams.get("coding") ?? "gzip";
    reply(exchange, 200, { "content-encoding": coding, "content-length": body.length }, body);
  },
  // In the content codings that `?coding=` names, the outermost last; what follows a colon is not told.
  "echo-coded": (exchange) => {
    const names = (exchange.url.searchParams.get("coding") ?? "").split(",");
    let bytes: Uint8Array = Buffer.from(JSON.stringify(describe(exchange)));
    for (const name of names) bytes = ENCODERS[name.trim().toLowerCase()]?.(bytes) ?? bytes;
    const coding = names.map((name) => name.split(":")[0]).join(",");
    reply(exchange, 200, { "content-type": "application/json", "content-encoding": coding }, bytes);
  },
  // As a server that gives the part that is asked for.
  "echo-range": (exchange) => {
    const text = JSON.stringify(describe(exchange));
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(exchange.request.headers.range ?? "") ?? [];
    const part = from === undefined ? text : text.slice(Number(from), Number(to) + 1);
    reply(exchange, from === undefined ? 200 : 206, { "content-type": "text/plain" }, part);
  },
  "echo-location": (exchange) => {
    const headers = new URLSearchParams({ headers: JSON.stringify(exchange.request.headers) });
    reply(exchange, 302, { location: `/echo?${headers.toString()}` });
  },

  // The JSON text of `?json=`, as it stands; `?type=` is its media type, `?hex=` bytes in place of it.
  given: (exchange) => {
    const { searchParams } = exchange.url;
    const hex = searchParams.get("hex");
    const type = searchParams.get("type") ?? "application/json";
    const body = hex === null ? (searchParams.get("json") ?? "") : Buffer.from(hex, "hex");
    reply(
      exchange,
      numberFrom(exchange.url, "status", 200),
      type === "" ? {} : { "content-type": type },
      body,
    );
  },
  // An OAuth token endpoint: `?client=` is the one it knows, the token tells how many it has given.
  token: (exchange) => {
    const { request, url, body, hit } = exchange;
    const client = `Basic ${btoa(url.searchParams.get("client") ?? "")}`;
    const isGood =
      request.headers.authorization === client && body.includes("grant_type=client_credentials");
    const token = { access_token: `tok3n-number-${String(hit)}`, expires_in: 3600 };
    json(exchange, isGood ? 200 : 401, isGood ? token : { error: "invalid_client" });
  },
  // Takes one bearer token and echoes the request; any other is refused.
  guarded: (exchange) => {
    const wanted = `Bearer ${exchange.url.searchParams.get("takes") ?? ""}`;
    const isGood = exchange.request.headers.authorization === wanted;
    json(exchange, isGood ? 200 : 401, describe(exchange));
  },
  // A resource with the headers that the query gives: `?etag=`, `?vary=`, `?cc=` for Cache-Control.
  resource: (exchange) => {
    const { searchParams } = exchange.url;
    const etag = searchParams.get("etag");
    const given = { etag, vary: searchParams.get("vary"), "cache-control": searchParams.get("cc") };
    const headers = Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    );
    const isCurrent = etag !== null && exchange.request.headers["if-none-match"] === etag;
    if (isCurrent) reply(exchange, 304, headers);
    else json(exchange, 200, describe(exchange), headers);
  },
  delay: async (exchange) => {
    const ms = numberFrom(exchange.url, "ms", 100);
    await delay(ms);
    json(exchange, 200, { delay_ms: ms });
  },
  // Answers once `?n=` requests with the key `?of=` have arrived, by default with its own key: calls that
  // overlap let each other go, and a test lets go of a call when it is ready.
  when: async (exchange) => {
    const { searchParams } = exchange.url;
    const key = searchParams.get("of") ?? searchParams.get("key") ?? "";
    await exchange.until(key, numberFrom(exchange.url, "n", 1));
    json(exchange, 200, { hit: exchange.hit });
  },
  limited,
  fail,
  flap: (exchange) => {
    if (exchange.hit <= numberFrom(exchange.url, "times", 1)) fail(exchange);
    else json(exchange, 200, { hit: exchange.hit });
  },
  wither: (exchange) => {
    if (exchange.hit > numberFrom(exchange.url, "times", 1)) fail(exchange);
    else json(exchange, 200, { hit: exchange.hit });
  },

  redirect: (exchange) => redirect(exchange, exchange.url.searchParams.get("to") ?? "/echo"),
  chain: (exchange) => {
    const left = numberFrom(exchange.url, "left", 1);
    if (left === 0) json(exchange, 200, { arrived: true });
    else redirect(exchange, `/chain?left=${String(left - 1)}`);
  },
  loop: (exchange) => redirect(exchange, "/loop"),
  nowhere: (exchange) => reply(exchange, 302, {}),

  hang: () => {},
  "hang-body": ({ response }) => {
    response.writeHead(200, { "content-type": "text/plain" }).write("the beginning");
  },
  reset,
  "reset-body": async (exchange) => {
    exchange.response.writeHead(200, { "content-type": "text/plain" }).write("the beginning");
    // The beginning must be on its way before the connection goes.
    await delay(20);
    reset(exchange);
  },
  short: async ({ request, response }) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": 1000 }).write("few");
    await delay(20);
    request.socket.end();
  },
  huge: async (exchange) => {
    exchange.response.writeHead(200, {
      "content-type": "text/plain",
      "content-length": HUGE_BYTES,
    });
    await stream(exchange, HUGE_BYTES);
  },
  bytes: async (exchange) => {
    const total = numberFrom(exchange.url, "n", 5 * 1024 * 1024);
    const length = exchange.url.searchParams.has("chunked") ? {} : { "content-length": total };
    exchange.response.writeHead(200, { "content-type": "text/plain", ...length });
    await stream(exchange, total);
  },
  endless: async (exchange) => {
    exchange.response.writeHead(200, { "content-type": "text/plain" });
    await stream(exchange, Number.POSITIVE_INFINITY);
  },
  gzip: (exchange) => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    reply(exchange, 200, headers, gzipSync(JSON.stringify({ zipped: true })));
  },
  "gzip-bomb": (exchange) => {
    bomb ??= gzipSync(Buffer.alloc(BOMB_BYTES, "a"));
    reply(exchange, 200, { "content-type": "text/plain", "content-encoding": "gzip" }, bomb);
  },

  "problem-json": (exchange) =>
    json(exchange, 200, { title: "ok" }, { "content-type": "application/problem+json" }),
  "broken-json": (exchange) =>
    reply(exchange, 200, { "content-type": "application/json" }, '{"broken":'),
  latin1: (exchange) =>
    reply(
      exchange,
      200,
      { "content-type": "text/plain; charset=iso-8859-1" },
      Buffer.from("café", "latin1"),
    ),
  binary: (exchange) =>
    reply(exchange, 200, { "content-type": "image/png" }, Buffer.of(137, 80, 78, 71, 0, 255)),
  empty: (exchange) => reply(exchange, 204, {}),
  untyped: (exchange) => reply(exchange, 200, {}, "plain words"),
  cookies: (exchange) =>
    json(exchange, 200, { ok: true }, { "set-cookie": ["a=1; HttpOnly", "b=2"], "x-kept": "yes" }),
};
