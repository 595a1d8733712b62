// A way out that leads nowhere: upstreams are functions, time is moved by hand.
import {
  FetchFailure,
  type Fetcher,
  type Outgoing,
  type OutgoingRequest,
  type OutgoingResponse,
  type RequestBody,
} from "../../src/domain/outgoing/outgoing-fetch";
import { startDeadline, type Deadline } from "../../src/lib/deadline";
import { Semaphore } from "../../src/lib/semaphore";
import { decompress } from "../../src/runtime/decompress";
import { FakeClock } from "./fake-clock";

/** The body of a response as text; fails the test where there is none. */
export function textOf(result: OutgoingResponse | FetchFailure): string {
  if (result instanceof FetchFailure) throw result;
  return new TextDecoder().decode(result.bytes);
}

/** Arguments of a call of `fetch`. */
export interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: RequestBody | null;
  readonly signal: AbortSignal;
}

type Upstream = (sent: Sent, index: number) => Response | Promise<Response>;

/** An `Outgoing` over one upstream that answers everything, and what it was sent. */
export interface FakeOutgoing extends Outgoing {
  readonly clock: FakeClock;
  readonly sent: Sent[];
}

/** A way out to `upstream`, which is given each request and its number, from 0. */
export function fakeOutgoing(upstream: Upstream, parts: Partial<Outgoing> = {}): FakeOutgoing {
  const sent: Sent[] = [];
  const fetch: Fetcher = async (url, init) => {
    const request = { url, ...init };
    sent.push(request);
    // As the runtime's fetch does.
    init.signal.throwIfAborted();
    return upstream(request, sent.length - 1);
  };
  return {
    random: () => 0.5,
    allows: () => true,
    slots: new Semaphore(6),
    decompress,
    ...parts,
    clock: new FakeClock(),
    fetch,
    sent,
  };
}

/** An upstream that never answers: as the runtime's fetch, it rejects when the signal aborts. */
export function silence({ signal }: Pick<Sent, "signal">): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** An upstream that answers with `response` after `ms`. */
export async function after(
  ms: number,
  clock: FakeClock,
  { signal }: Pick<Sent, "signal">,
  response: Response,
): Promise<Response> {
  await clock.sleep(ms, signal);
  return response;
}

/** A body that sends these chunks and then nothing: as the runtime's, it fails when the signal aborts. */
export function endless({ signal }: Pick<Sent, "signal">, ...chunks: string[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
  });
}

/** A redirect to `location`. */
export function redirect(status: number, location: string): Response {
  return new Response("moved", { status, headers: { Location: location } });
}

/** A GET within the usual bounds. */
export function outgoingRequest(parts: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    url: new URL("https://up.example/"),
    method: "GET",
    headers: {},
    body: null,
    attemptTimeoutMs: 1000,
    retries: 0,
    maxRedirects: 5,
    maxBytes: 1024,
    ...parts,
  };
}

/** The deadline of a whole request, 25 s unless said otherwise. */
export function wholeDeadline(clock: FakeClock, ms = 25_000, parent?: AbortSignal): Deadline {
  const reason = () => new FetchFailure("timeout", `The whole request was over after ${ms} ms.`);
  return startDeadline(ms, { clock, reason, ...(parent && { parent }) });
}
