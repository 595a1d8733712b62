// Plays the surroundings of a Worker, KV and upstreams, in this process, so that the CPU time of the server
// contains only the Worker's side of them.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** The servers behind a Worker's bindings and calls. */
export interface Outside {
  /** `127.0.0.1:port`, where KV's own HTTP protocol is spoken. */
  readonly kvAddress: string;
  /** `http://127.0.0.1:port`; `/delay?ms=` answers after so long, `/large?bytes=&form=` with so much JSON or text, `/dns-query` as a resolver would. */
  readonly upstream: string;
  close(): void;
}

const MAIL_SERVER = JSON.stringify({
  Status: 0,
  Answer: [{ type: 15, data: "10 mx.example.com.", TTL: 300 }],
});

/** Starts both on free ports of 127.0.0.1. */
export async function openOutside(): Promise<Outside> {
  const kept = new Map<string, string>();
  const kv = createServer((request, response) => void answerKv(request, response, kept));
  const upstream = createServer((request, response) => void answerCall(request, response));
  const [kvPort, upstreamPort] = await Promise.all([listen(kv), listen(upstream)]);
  return {
    kvAddress: `127.0.0.1:${kvPort}`,
    upstream: `http://127.0.0.1:${upstreamPort}`,
    close: () => {
      for (const server of [kv, upstream]) server.close().closeAllConnections();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("Not listening");
  return address.port;
}

/** Values only: no scenario reads metadata, and a list has no keys, as what a table is filled from is empty. */
async function answerKv(
  request: IncomingMessage,
  response: ServerResponse,
  kept: Map<string, string>,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "", "http://kv");
  const body = await readText(request);
  if (request.method === "PUT") kept.set(pathname, body);
  if (request.method === "DELETE") kept.delete(pathname);
  const value = request.method === "GET" ? (kept.get(pathname) ?? listOf(pathname)) : "";
  response.writeHead(value === undefined ? 404 : 200).end(value);
}

/** A list is a GET of no key. */
function listOf(pathname: string): string | undefined {
  return pathname === "/" ? '{"keys":[],"list_complete":true}' : undefined;
}

async function answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://upstream");
  request.resume();
  const ms = Number(searchParams.get("ms") ?? 0);
  if (ms > 0) await delay(ms);
  const isText = searchParams.get("form") === "text";
  const isLarge = pathname === "/large";
  const short = pathname === "/dns-query" ? MAIL_SERVER : '{"ok":true}';
  const content = isLarge ? largeReply(Number(searchParams.get("bytes")), isText) : short;
  const type = isText ? "text/plain" : "application/json";
  const headers = { "Content-Type": type, "Content-Length": content.length };
  response.writeHead(200, headers).end(content);
}

/** ASCII, of about so many bytes. */
function largeReply(bytes: number, isText: boolean): string {
  if (isText) return 'a "b" '.repeat(bytes / 6);
  const row = JSON.stringify({ id: 1, name: "User 1", tags: ["a", "b"], address: { city: "c" } });
  return `[${Array(Math.floor(bytes / (row.length + 1)))
    .fill(row)
    .join()}]`;
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += String(chunk);
  return text;
}
