// A network between a browser and the Worker that hangs, breaks, and answers in the Worker's place.
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A reply that somebody else gives, to be read by pages of any origin unless it says otherwise. */
export interface Forged {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  /** True where browsers may not let the page read it. */
  readonly isHidden?: boolean;
}

/**
 * Fate of a request: it passes; nobody ever answers; the connection breaks at once, after the first piece of
 * the reply's body, or, once that has been read, by a request for BREAK_PATH; or somebody else answers.
 */
export type Fate = "pass" | "hang" | "break" | "break-in-reply" | "break-when-told" | Forged;

/** The path of the request that breaks the connections which wait for it. */
export const BREAK_PATH = "/break";

/** A network on loopback. */
export interface BadNetwork {
  readonly origin: string;
  /** Decides the fate of a request by its path and by how many there were for that path, from 1. */
  fate: (path: string, count: number) => Fate;
  close(): Promise<void>;
}

/** Starts a network in front of a server. */
export async function startBadNetwork(target: string): Promise<BadNetwork> {
  const counts = new Map<string, number>();
  const held: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url ?? "", target).pathname;
    if (incoming.method === "OPTIONS") {
      forward(target, incoming, outgoing);
      return;
    }
    if (path === BREAK_PATH) {
      for (const { socket } of held.splice(0)) socket.destroy();
      forge({ type: "text/plain", body: "Broken" }, outgoing);
      return;
    }
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const fate = network.fate(path, count);
    if (fate === "hang") return;
    if (fate === "break") incoming.socket.destroy();
    else if (typeof fate === "object") forge(fate, outgoing);
    else forward(target, incoming, outgoing, fate);
    if (fate === "break-when-told") held.push(incoming);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const network: BadNetwork = {
    origin: `http://127.0.0.1:${String(port)}`,
    fate: () => "pass",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return network;
}

function forge(
  { status = 200, type, body, isHidden = false }: Forged,
  outgoing: ServerResponse,
): void {
  const open = isHidden ? {} : { "Access-Control-Allow-Origin": "*" };
  outgoing.writeHead(status, { "Content-Type": type, ...open }).end(body);
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fate: Fate = "pass",
): void {
  const { method, headers, url = "" } = incoming;
  const sent = request(new URL(url, target), { method, headers }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.on("data", (piece: Uint8Array) => {
      outgoing.write(piece, () => {
        if (fate === "break-in-reply") incoming.socket.destroy();
      });
    });
    reply.on("end", () => {
      if (fate !== "break-when-told") outgoing.end();
    });
  });
  sent.on("error", () => incoming.socket.destroy());
  outgoing.on("close", () => sent.destroy());
  incoming.pipe(sent);
}
