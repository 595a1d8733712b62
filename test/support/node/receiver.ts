// Receivers of notifications in tests: a real HTTP server that verifies what arrives as theirs would,
// and remembers it. Each channel is a path.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import * as v from "valibot";

import { verifyWebhook } from "../verify-webhook";

const Payload = v.strictObject({
  type: v.string(),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  data: v.looseObject({ id: v.string(), version: v.optional(v.number()) }),
});

/** A message that arrived and was verified with every secret. */
export interface Arrival extends v.InferOutput<typeof Payload> {
  /** The path's first segment. */
  readonly channel: string;
  /** `webhook-id` */
  readonly id: string;
  /** `webhook-signature` */
  readonly signature: string;
}

/** A running server and what arrived there. */
export interface Receiver {
  /** The URL of a channel. */
  url(channel: string): string;
  readonly arrivals: readonly Arrival[];
  arrivalsAt(channel: string): Arrival[];
  /** Requests that did not verify, and why. */
  readonly rejected: readonly string[];
  close(): Promise<void>;
}

type Answer = (response: ServerResponse) => void | Promise<void>;

const accept: Answer = (response) => void response.writeHead(204).end();

/** Starts a receiver. `answers` are by channel; the others answer 204 at once. */
export async function startReceiver(
  secrets: readonly string[],
  answers: Readonly<Record<string, Answer>> = {},
): Promise<Receiver> {
  const arrivals: Arrival[] = [];
  const rejected: string[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const channel = request.url?.split("/")[1] ?? "";
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    try {
      const [payload] = secrets.map((secret) => verifyWebhook(secret, body, headers));
      const { "webhook-id": id = "", "webhook-signature": signature = "" } = headers;
      arrivals.push({ channel, id, signature, ...v.parse(Payload, payload) });
    } catch (error) {
      rejected.push(`${channel}: ${String(error)}`);
    }
    await (answers[channel] ?? accept)(response);
  };
  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  // An idle connection that the server closes just as the client reuses it would look like a fault.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: (channel) => `http://127.0.0.1:${String(port)}/${channel}`,
    arrivals,
    arrivalsAt: (channel) => arrivals.filter((arrival) => arrival.channel === channel),
    rejected,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
