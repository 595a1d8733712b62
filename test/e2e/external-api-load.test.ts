// Limits in milliseconds and bytes that POST /external-api keeps. Each time is the best of a few rounds: the
// machine may be busy, but a server that makes its calls one after another is never fast.
import { afterAll, beforeAll, it } from "vitest";

import { retrieve } from "../support/node/external-api";
import { type Serentak, startSerentak } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

const ROUNDS = 8;
const MEBIBYTE = 1024 * 1024;
/** Bytes of memory that reading 20 bodies of 1 MiB at once may take, garbage included. */
const MEMORY_GROWTH_BYTES = 128 * MEBIBYTE;
/** Beyond 1 MiB: what the two sockets' buffers take before the sender is held back. */
const SOCKET_BYTES = 15 * MEBIBYTE;

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  [server, upstreams] = await Promise.all([startSerentak(), startUpstreams()]);
});
afterAll(() => Promise.all([server.stop(), upstreams.close()]));

/** The shortest time that a caller waited for the body's reply, in milliseconds. */
async function bestTime(body: unknown, withinMs: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && best >= withinMs; round += 1) {
    const { elapsedMs } = await retrieve(server.origin, body);
    best = Math.min(best, elapsedMs);
  }
  return best;
}

it("gathers URLs of 300, 200 and 100 ms in under 330 ms", async ({ expect }) => {
  const urls = [300, 200, 100].map((ms) => upstreams.url(`/delay?ms=${String(ms)}`));

  expect(await bestTime({ urls }, 330)).toBeLessThan(330);
});

it("makes 18 calls of 100 ms in three waves of six, in under 345 ms", async ({ expect }) => {
  const counted = await startUpstreams();
  const urls = Array.from({ length: 18 }, () => counted.url("/delay?ms=100"));

  const best = await bestTime({ urls }, 345);
  await counted.close();

  expect(best).toBeLessThan(345);
  expect(best).toBeGreaterThan(295);
  expect(counted.maxInFlight()).toBe(6);
});

it("does not let one caller's calls hold up another's", async ({ expect }) => {
  const slow = retrieve(server.origin, {
    urls: Array.from({ length: 20 }, () => upstreams.url("/delay?ms=400")),
  });

  // Behind the other's calls, this one would wait for the third of their waves.
  expect(await bestTime({ urls: [upstreams.url("/delay?ms=10")] }, 300)).toBeLessThan(300);
  await slow;
});

it.for(["/endless", "/huge", "/gzip-bomb"])(
  "cuts 20 responses of %s at 1 MiB each and stays small",
  async (path, { expect }) => {
    const url = upstreams.url(`${path}?key=${path}`);
    const urls = Array.from({ length: 20 }, () => url);
    const before = server.peakMemoryBytes();

    const { results } = await retrieve(server.origin, { urls });

    expect(results.map((result) => "error" in result && result.error.code)).toEqual(
      Array(20).fill("response-too-large"),
    );
    expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
    expect(upstreams.hits(path)).toBe(20);
    expect(upstreams.sentBytes(path)).toBeLessThan(20 * (MEBIBYTE + SOCKET_BYTES));
  },
);

it("closes the connection of every upstream that sends without end", async ({ expect }) => {
  const urls = Array.from({ length: 20 }, () => upstreams.url("/endless?key=closed"));

  await retrieve(server.origin, { urls });

  await expect.poll(() => upstreams.abandoned("closed")).toBe(20);
});
