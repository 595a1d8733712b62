// The client for tests: in front of the Worker itself, or of replies made by hand, and never waiting.
import type { Client, ClientOptions } from "../../src/client/api";
import { connect } from "../../src/client/connect";
import type { Clock } from "../../src/lib/clock";
import { systemClock } from "../../src/runtime/clock";
import { ORIGIN, send, TOKEN } from "./worker";

/** A client of the Worker under test, with a token unless said otherwise. */
export function workerClient(
  options: Partial<ClientOptions> = {},
  vars: Record<string, unknown> = {},
): Client {
  // `cf` is what the platform adds to a request, of another type on the way out than on the way in.
  const fetch: ClientOptions["fetch"] = (url, { cf: _, ...init }) =>
    send(url.slice(ORIGIN.length), init, vars);
  return connect({ baseUrl: `${ORIGIN}/`, token: TOKEN, fetch, ...options }, systemClock);
}

/** A call that reached the fake network. */
export interface SentCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

type Answer = (call: SentCall, count: number) => Response | Promise<Response>;

/** A client whose calls are answered by hand. `waits` are the times between attempts, in milliseconds. */
export function fakeClient(answer: Answer, options: Partial<ClientOptions> = {}, clock?: Clock) {
  const calls: SentCall[] = [];
  const waits: number[] = [];
  const sleep = (ms: number, signal: AbortSignal) => {
    waits.push(ms);
    return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve();
  };
  const fetch: ClientOptions["fetch"] = async (url, init) => {
    init.signal?.throwIfAborted();
    const { method = "GET", headers, body } = init;
    const call = { url, method, headers: new Headers(headers), body };
    calls.push(call);
    return answer(call, calls.length);
  };
  const client = connect(
    { baseUrl: "https://api.example", fetch, ...options },
    clock ?? { ...systemClock, sleep },
  );
  return { client, calls, waits };
}

/** A refusal as the Worker writes it. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}) {
  const problem = {
    type: "about:x",
    title: "No",
    status,
    detail: "Not so.",
    code,
    request_id: "r",
  };
  return Response.json(problem, { status, headers });
}

/** A reply that is a stream of server-sent events. */
export function eventStream(body: ReadableStream<Uint8Array> | null): Response {
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** A body that comes in these pieces, each after `pause`, and ends, or breaks where one is an error. */
export function streamOf(
  pieces: readonly (string | Error)[],
  pause: () => Promise<void> = () => Promise.resolve(),
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      await pause();
      const piece = pieces[next];
      next += 1;
      if (piece === undefined) controller.close();
      else if (typeof piece === "string") controller.enqueue(encoder.encode(piece));
      else controller.error(piece);
    },
  });
}

/** A stream of these pieces, and a function that tells if its reader cancelled it before the end. */
export function watchedStream(pieces: readonly string[]) {
  let isCancelled = false;
  const source = streamOf(pieces).getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void (isCancelled = true),
    },
    // Nothing is read ahead, so that the end is only known to who asks for it.
    { highWaterMark: 0 },
  );
  return { body, wasCancelled: () => isCancelled };
}

/** Everything that an iterator gives. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
