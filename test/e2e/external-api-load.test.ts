// Limits that POST /external-api keeps: connections at a time, and bytes. How long it takes is for the benchmark.
import { afterAll, beforeAll, it } from "vitest";

import { retrieve } from "../support/node/external-api";
import { type Serentak, startSerentak } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

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

/** As long as anyone may ask to wait: a call that must not end by its timeout. */
const PATIENT = { timeout_ms: 60_000, retries: 0 };

it("makes 18 calls six at a time, and no more", async ({ expect }) => {
  const counted = await startUpstreams();
  // None of six is answered before all six have arrived.
  const requests = Array.from({ length: 18 }, (_, n) => ({
    ...PATIENT,
    url: counted.url(`/when?n=6&key=${String(Math.floor(n / 6))}`),
  }));

  const reply = await retrieve(server.origin, { requests, timeout_ms: PATIENT.timeout_ms });
  await counted.close();

  expect(reply).toMatchObject({ total: 18, fulfilled: 18 });
  expect(counted.maxInFlight()).toBe(6);
});

it("does not let one caller's calls hold up another's", async ({ expect }) => {
  const held = { ...PATIENT, url: upstreams.url("/when?of=other&key=held") };
  const slow = retrieve(server.origin, {
    requests: Array.from({ length: 20 }, () => held),
    timeout_ms: PATIENT.timeout_ms,
  });
  await expect.poll(() => upstreams.hits("held")).toBe(6);

  const other = await retrieve(server.origin, { urls: [upstreams.url("/echo?key=other")] });

  expect(other).toMatchObject({ fulfilled: 1 });
  expect(await slow).toMatchObject({ fulfilled: 20 });
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
