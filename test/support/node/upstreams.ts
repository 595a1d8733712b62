// The other side of POST /external-api in tests: a real HTTP server on this machine that misbehaves
// as asked (upstream-behaviours.ts) and remembers what reached it.
import { EventEmitter, once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { behaviours } from "./upstream-behaviours";

/** A request that arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds on the test's own clock, `performance.now()`. */
  readonly at: number;
}

/** A running server and its records. A `key` is the `?key=` of a request's URL. */
export interface Upstreams {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** The absolute URL of a path such as `/delay?ms=100`. */
  url(path: string): string;
  /** Every request, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Those of them with this key. */
  requestsOf(key: string): SeenRequest[];
  hits(key: string): number;
  /** Lets `/when?of=key` answer, as a request with this key would. */
  release(key: string): void;
  /** Requests whose connection the client closed before the response was complete. */
  abandoned(key: string): number;
  /** Bytes of body given to the socket by `/bytes`, `/huge` and `/endless`. */
  sentBytes(key: string): number;
  /** The most requests that waited for response headers at one time. */
  maxInFlight(): number;
  close(): Promise<void>;
}

class Counts {
  readonly #counts = new Map<string, number>();
  readonly #changes = new EventEmitter().setMaxListeners(0);

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, by: number): number {
    const sum = this.get(key) + by;
    this.#counts.set(key, sum);
    this.#changes.emit("change");
    return sum;
  }

  async untilReached(key: string, count: number): Promise<void> {
    while (this.get(key) < count) await once(this.#changes, "change");
  }
}

class Records {
  readonly requests: SeenRequest[] = [];
  readonly hits = new Counts();
  readonly abandoned = new Counts();
  readonly sentBytes = new Counts();
  maxInFlight = 0;
  #inFlight = 0;

  /** Counts a request as in flight until its headers are written or its connection is gone. */
  watch(response: ServerResponse, key: string): void {
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    let waiting = true;
    const answered = (): void => {
      if (waiting) this.#inFlight -= 1;
      waiting = false;
    };
    const writeHead = response.writeHead.bind(response);
    // Node gives no event for headers; every way of sending them goes through writeHead.
    response.writeHead = (...head: unknown[]): ServerResponse => {
      answered();
      return Reflect.apply(writeHead, response, head);
    };
    response.once("close", () => {
      answered();
      if (!response.writableFinished) this.abandoned.add(key, 1);
    });
  }
}

async function serve(
  records: Records,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
  const key = url.searchParams.get("key") ?? "";
  records.requests.push({
    method: request.method ?? "",
    path: url.pathname + url.search,
    headers: request.headers,
    at: performance.now(),
  });
  const hit = records.hits.add(key, 1);
  records.watch(response, key);
  const body = await text(request);
  const behaviour = behaviours[url.pathname.split("/")[1] ?? ""];
  if (behaviour === undefined) response.writeHead(404).end();
  else {
    const sent = (bytes: number): void => void records.sentBytes.add(key, bytes);
    const until = (of: string, hits: number): Promise<void> => records.hits.untilReached(of, hits);
    await behaviour({ request, response, url, body, hit, until, sent });
  }
}

/**
 * Starts an upstream on a free port. `host` is where it listens: this machine's 127.0.0.1, or `"::"`
 * for a test that must see a request by any address of the machine.
 */
export async function startUpstreams(host = "127.0.0.1"): Promise<Upstreams> {
  const records = new Records();
  // A client that goes away in mid-response is what many of these tests are about, not an error.
  const server = createServer((request, response) => {
    serve(records, request, response).catch(() => response.destroy());
  });
  // An idle connection that the server closes just as the client reuses it would look like a fault.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, host, resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${String(port)}`;
  const requestsOf = (key: string): SeenRequest[] =>
    records.requests.filter(({ path }) => new URL(path, origin).searchParams.get("key") === key);
  return {
    port,
    origin,
    url: (path) => origin + path,
    requests: records.requests,
    requestsOf,
    hits: (key) => records.hits.get(key),
    release: (key) => void records.hits.add(key, 1),
    abandoned: (key) => records.abandoned.get(key),
    sentBytes: (key) => records.sentBytes.get(key),
    maxInFlight: () => records.maxInFlight,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
