// Attacks that only a socket can make: bodies that trickle, never end or lie about their length, and heads
// that are not HTTP. The server answers or hangs up, and goes on serving others.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, it } from "vitest";

import { type RawConnection, sendRaw } from "../support/node/raw-http";
import { type Serentak, startSerentak } from "../support/node/serentak";

const MEBIBYTE = 1024 * 1024;
const DRIPPING_CLIENTS = 50;
const DRIP_MS = 50;
const MEMORY_GROWTH_BYTES = 64 * MEBIBYTE;
/** 64 KiB each: far over the limit of 1 MiB. */
const MAX_CHUNKS = 400;
const GOOD_BODY = '{"items":["a","b"],"operation":"uppercase"}';

let server: Serentak;

beforeAll(async () => {
  server = await startSerentak();
});
afterAll(() => server.stop());

function head(length: number | string, path = "/process-data", more = ""): string {
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\nContent-Type: application/json\r\nContent-Length: ${String(length)}\r\n${more}\r\n`;
}

/** An honest caller, who is answered. */
async function honestCall(): Promise<void> {
  const response = await fetch(`${server.origin}/process-data`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: GOOD_BODY,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${String(response.status)} ${text}`);
}

/** Sends a body a byte at a time, its last byte when `isOver` has come. */
async function drip(
  { socket }: RawConnection,
  body: string,
  isOver: Promise<unknown>,
): Promise<void> {
  for (const byte of body.slice(0, -1)) {
    socket.write(byte);
    await delay(DRIP_MS);
  }
  await isOver;
  socket.write(body.slice(-1));
}

it("Clients whose bodies drip hold up nobody, and are answered in the end", async ({ expect }) => {
  const connections = Array.from({ length: DRIPPING_CLIENTS }, () =>
    sendRaw(server.port, head(GOOD_BODY.length)),
  );
  const answered = Promise.withResolvers<void>();
  const drips = connections.map((connection) => drip(connection, GOOD_BODY, answered.promise));

  for (let n = 0; n < 10; n += 1) await honestCall();
  expect(connections.every(isWaiting)).toBe(true);

  answered.resolve();
  await Promise.all(drips);
  const statuses = await Promise.all(connections.map(({ status }) => status));
  expect(statuses).toEqual(Array(DRIPPING_CLIENTS).fill(200));
  for (const { socket } of connections) socket.destroy();
});

it("Clients that hang up in the middle of a body leave nothing behind", async ({ expect }) => {
  for (const path of ["/users", "/tasks", "/process-data", "/external-api", "/batch-process"]) {
    for (let n = 0; n < 20; n += 1) {
      const { socket } = sendRaw(server.port, `${head(1000, path)}{"items":["a"`);
      await delay(5);
      if (n % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
  await honestCall();
  const listed = await fetch(`${server.origin}/tasks`, {
    headers: { Authorization: "Bearer dev" },
  });
  expect(await listed.json()).toMatchObject({ tasks: [], next_cursor: null });
});

it("A body that is too large is refused, and little of it is held", async ({ expect }) => {
  const before = server.peakMemoryBytes();
  for (const [path, mebibytes] of [
    ["/process-data", 2],
    ["/users", 40],
    ["/batch-process", 11],
  ] as const) {
    const response = await fetch(server.origin + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: Buffer.alloc(mebibytes * MEBIBYTE, 0x20),
    });
    expect(await response.json()).toMatchObject({ status: 413, code: "body-too-large" });
  }
  expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
});

it("A body of unknown length without end is refused or cut off at the limit", async ({
  expect,
}) => {
  const before = server.peakMemoryBytes();
  const start = `POST /process-data HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const connection = sendRaw(server.port, start);
  const chunk = Buffer.concat([
    Buffer.from("10000\r\n"),
    Buffer.alloc(65_536, 0x20),
    Buffer.from("\r\n"),
  ]);
  for (let sent = 0; isWaiting(connection) && sent < MAX_CHUNKS; sent += 1) {
    if (!connection.socket.write(chunk)) await delay(10);
  }
  // The answer may be lost where the connection ends before the caller reads.
  expect([413, null]).toContain(isOurs(connection) ? await connection.status : null);
  connection.socket.destroy();
  await honestCall();
  expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
});

/** True if the Worker answered. `npm start` itself answers whatever is not HTTP. */
function isOurs(connection: RawConnection): boolean {
  return connection.received().includes("Request-Id:");
}

/** True if there is neither an answer nor an end of the connection yet. */
function isWaiting(connection: RawConnection): boolean {
  return connection.received() === "" && !connection.socket.destroyed;
}

const HOST = "Host: 127.0.0.1\r\n";

/** Requests that are no HTTP, or that two parsers would read differently. */
const ODD_REQUESTS: Readonly<Record<string, string>> = {
  "a length and chunks": `POST /process-data HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /users HTTP/1.1\r\n\r\n`,
  "two lengths": `POST /process-data HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`,
  "a negative length": `POST /process-data HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`,
  "a length that is no number": `POST /process-data HTTP/1.1\r\n${HOST}Content-Length: ten\r\n\r\n`,
  "chunks of no size": `POST /process-data HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`,
  "a method of its own": `EXTERMINATE /users HTTP/1.1\r\n${HOST}\r\n`,
  "no method": ` /users HTTP/1.1\r\n${HOST}\r\n`,
  "no host": "GET /health HTTP/1.1\r\n\r\n",
  "another host": "GET /nowhere HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  "a host with a script": "GET /nowhere HTTP/1.1\r\nHost: <script>\r\n\r\n",
  "a whole URL as the target": `GET http://evil.example/users HTTP/1.1\r\n${HOST}\r\n`,
  "an asterisk as the target": `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  "a relative target": `GET users HTTP/1.1\r\n${HOST}\r\n`,
  "a target of 100,000 characters": `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`,
  "a query of 16,000 characters": `GET /users?${"a=1&".repeat(4000)} HTTP/1.1\r\n${HOST}\r\n`,
  "a header of 100,000 characters": `GET /health HTTP/1.1\r\n${HOST}X-Long: ${"x".repeat(100_000)}\r\n\r\n`,
  "a thousand headers": `GET /health HTTP/1.1\r\n${HOST}${"X-Many: 1\r\n".repeat(1000)}\r\n`,
  "a header over two lines": `GET /health HTTP/1.1\r\n${HOST}X-Folded: a\r\n b\r\n\r\n`,
  "a header without a colon": `GET /health HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`,
  "bytes beyond ASCII in headers": `GET /users HTTP/1.1\r\n${HOST}Authorization: Bearer d\u00e9v\r\nOrigin: \u00ff\r\nAccept: \u0080\r\n\r\n`,
  "bytes beyond ASCII in the target": `GET /users/\u00ff\u00fe?\u00e9=\u00e9 HTTP/1.1\r\n${HOST}\r\n`,
  "a NUL in a header": `GET /health HTTP/1.1\r\n${HOST}X-Nul: a\u0000b\r\n\r\n`,
  "another version": `GET /health HTTP/3.0\r\n${HOST}\r\n`,
  "HTTP/1.0": "GET /health HTTP/1.0\r\n\r\n",
  "no HTTP at all": "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\r\n\r\n",
};

it.for(Object.entries(ODD_REQUESTS))(
  "A request with %s is answered or hung up on",
  async ([, bytes], { expect }) => {
    const connection = sendRaw(server.port, bytes);
    const status = await connection.status;
    connection.socket.destroy();
    if (isOurs(connection)) expect(Number(status)).toBeLessThan(500);
    expect(connection.received()).not.toContain("<script>");
    await honestCall();
  },
);
