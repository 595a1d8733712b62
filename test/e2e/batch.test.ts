// Batches over real HTTP: that they end, completely and in order, alone and many at once, and what they
// ask of the servers that they call.
import { afterAll, beforeAll, it } from "vitest";

import {
  act,
  readBatch,
  readResults,
  submit,
  submitLines,
  texts,
  untilOver,
} from "../support/node/batches";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

/** Connections of one lane. */
const LANE_CONNECTIONS = 6;

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams] = await Promise.all([sharedWorld(), startUpstreams()]);
});
afterAll(() => upstreams.close());

const shouted = (count: number) => texts(count).map((text) => text.toUpperCase());

it("finishes 10,000 texts, each once and in order", async ({ expect }) => {
  const { id } = await submit(server.origin, { operation: "uppercase", items: texts(10_000) });

  expect(await untilOver(server.origin, id)).toMatchObject({
    status: "completed",
    succeeded: 10_000,
  });
  const results = await readResults(server.origin, id);
  expect(results.map(({ output }) => output)).toEqual(shouted(10_000));
  expect(results.map(({ index }) => index)).toEqual(texts(10_000).map((_, index) => index));
});

it("finishes 100,000 lines, each once and in order", async ({ expect }) => {
  const { id } = await submitLines(server.origin, "uppercase", texts(100_000));

  expect(await untilOver(server.origin, id)).toMatchObject({ status: "completed", total: 100_000 });
  const results = await readResults(server.origin, id);
  expect(results).toHaveLength(100_000);
  const wrong = shouted(100_000).findIndex((text, index) => {
    const result = results[index];
    return result?.index !== index || result.output !== text;
  });
  expect(wrong).toBe(-1);
});

it("finishes 50 batches at once, of all kinds", async ({ expect }) => {
  const calls = Array.from({ length: 10 }, (_, n) =>
    upstreams.url(`/delay?ms=50&key=many-${String(n)}`),
  );
  const bodies = Array.from({ length: 50 }, (_, n) =>
    n % 5 === 0
      ? { operation: "external-api", items: calls }
      : { operation: ["trim", "uppercase"], items: texts(500) },
  );

  const batches = await Promise.all(bodies.map((body) => submit(server.origin, body)));
  const ended = await Promise.all(batches.map(({ id }) => untilOver(server.origin, id)));

  expect(ended.map(({ status, succeeded }) => [status, succeeded])).toEqual(
    bodies.map(({ items }) => ["completed", items.length]),
  );
  for (let n = 0; n < 10; n += 1) expect(upstreams.hits(`many-${String(n)}`)).toBe(10);
});

it("repeats calls that may succeed, and lets each of the others fail alone", async ({ expect }) => {
  const items = [
    { url: upstreams.url("/echo?key=fine") },
    { url: upstreams.url("/flap?times=2&key=flap") },
    { url: upstreams.url("/fail?key=down") },
    { url: upstreams.url("/fail?status=404&key=gone") },
    { url: upstreams.url("/reset?key=reset") },
    { url: upstreams.url("/hang?key=hang"), timeout_ms: 100 },
    { url: upstreams.url("/huge?key=huge") },
    { url: upstreams.url("/flap?times=1&retry_after=1&key=patient") },
    { url: upstreams.url("/chain?left=5&key=chain") },
    { url: upstreams.url("/delay?ms=400&key=slow") },
  ];
  const { id } = await submit(server.origin, { operation: "external-api", items });

  expect(await untilOver(server.origin, id)).toMatchObject({ succeeded: 6, failed: 4 });
  const results = await readResults(server.origin, id);
  expect(results.map(({ status, error, attempts }) => [error?.code ?? status, attempts])).toEqual([
    ["succeeded", 1],
    ["succeeded", 3],
    ["upstream-status", 3],
    ["upstream-status", 1],
    ["network", 3],
    ["timeout", 3],
    ["succeeded", 1],
    ["succeeded", 2],
    ["succeeded", 1],
    ["succeeded", 1],
  ]);
  expect(["fine", "flap", "down", "gone", "reset"].map((key) => upstreams.hits(key))).toEqual([
    1, 3, 3, 1, 3,
  ]);
  const [first, second] = upstreams.requestsOf("patient").map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(950);
});

it("spreads 200 slow calls over two lanes, with six connections each", async ({ expect }) => {
  const counted = await startUpstreams();
  // None is answered before both lanes are full.
  const items = Array.from({ length: 200 }, (_, n) => ({
    url: counted.url(`/when?n=${String(2 * LANE_CONNECTIONS)}&key=lanes&item=${String(n)}`),
    timeout_ms: 60_000,
  }));

  const { id } = await submit(server.origin, {
    operation: "external-api",
    options: { concurrency: 2 * LANE_CONNECTIONS },
    items,
  });
  expect(await untilOver(server.origin, id)).toMatchObject({ status: "completed", succeeded: 200 });
  await counted.close();

  expect(counted.maxInFlight()).toBe(2 * LANE_CONNECTIONS);
  expect(new Set(counted.requests.map(({ path }) => path)).size).toBe(200);
  expect(counted.hits("lanes")).toBe(200);
});

it("keeps what is done when it is cancelled under load", async ({ expect }) => {
  const items = Array.from({ length: 300 }, (_, n) => ({
    url: upstreams.url(`/${n < 100 ? "echo" : "when"}?of=cancelled&key=cancel-${String(n)}`),
    timeout_ms: 60_000,
  }));
  const { id } = await submit(server.origin, { operation: "external-api", items });
  await expect.poll(async () => (await readBatch(server.origin, id)).succeeded).toBeGreaterThan(50);

  const done = await readResults(server.origin, id);
  const cancelled = await act(server.origin, id, "cancel");
  expect(cancelled.status).toBe("cancelled");
  upstreams.release("cancelled");
  // Items in progress finish; after them nothing more is called.
  const hits = () => items.filter((_, n) => upstreams.hits(`cancel-${String(n)}`) > 0).length;
  await expect.poll(async () => hits() - (await readBatch(server.origin, id)).succeeded).toBe(0);

  const kept = await readResults(server.origin, id);
  expect(kept.length).toBeLessThan(300);
  const indexes = new Set(kept.map(({ index }) => index));
  expect(done.every(({ index }) => indexes.has(index))).toBe(true);
  expect(items.every((_, n) => upstreams.hits(`cancel-${String(n)}`) <= 1)).toBe(true);
});
