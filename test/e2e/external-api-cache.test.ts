// The cache of named upstreams in POST /external-api: how long an answer is kept, for whom, and what
// happens when several callers ask at once.
import { afterAll, beforeAll, it } from "vitest";

import { type Result, retrieve, retrieveOne } from "../support/node/external-api";
import { type Serentak, startSerentak } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  upstreams = await startUpstreams();
  const upstream = {
    base_url: upstreams.origin,
    methods: ["GET", "POST"],
    paths: ["/*"],
    public: true,
  };
  server = await startSerentak({
    UPSTREAMS: JSON.stringify({
      cached: { ...upstream, cache_seconds: 1 },
      "cached-long": { ...upstream, cache_seconds: 60 },
    }),
  });
});
afterAll(() => Promise.all([server.stop(), upstreams.close()]));

function call(path: string, key: string, more = {}): Promise<Result> {
  const request = { upstream: "cached", path, query: { key }, retries: 0, ...more };
  return retrieveOne(server.origin, request);
}

it("answers from the cache until the entry is too old", async ({ expect }) => {
  const long = { upstream: "cached-long" };
  const first = await call("/echo", "fresh", long);
  const second = await call("/echo", "fresh", long);
  const aging = await call("/echo", "aging");

  expect(first).toMatchObject({ cache: "miss", body: { hit: 1 } });
  expect(second).toMatchObject({ cache: "hit", body: { hit: 1 } });
  expect(upstreams.hits("fresh")).toBe(1);
  expect(aging).toMatchObject({ cache: "miss", body: { hit: 1 } });
  await expect
    .poll(() => call("/echo", "aging"))
    .toMatchObject({ cache: "miss", body: { hit: 2 } });
});

it("answers with an old entry when the upstream fails", async ({ expect }) => {
  await call("/wither", "stale");

  await expect
    .poll(() => call("/wither", "stale"))
    .toMatchObject({ cache: "stale", ok: true, body: { hit: 1 } });
});

it("keeps only ok answers to a GET", async ({ expect }) => {
  for (const path of ["/fail", "/reset"]) await call(path, "not-ok");
  for (const _ of [1, 2]) await call("/echo", "posted", { method: "POST" });
  for (const _ of [1, 2]) await call("/fail?status=404", "not-found");

  expect(upstreams.hits("not-ok")).toBe(2);
  expect(upstreams.hits("posted")).toBe(2);
  expect(upstreams.hits("not-found")).toBe(2);
});

it("tells calls apart by query and by the caller's headers", async ({ expect }) => {
  const languages = ["de", "id", "de"].map((language) => ({
    upstream: "cached-long",
    path: "/echo",
    query: { key: "apart" },
    headers: { "accept-language": language },
  }));

  const results: Result[] = [];
  for (const request of languages) results.push(await retrieveOne(server.origin, request));

  expect(results).toMatchObject([
    { cache: "miss", body: { headers: { "accept-language": "de" } } },
    { cache: "miss", body: { headers: { "accept-language": "id" } } },
    { cache: "hit", body: { headers: { "accept-language": "de" } } },
  ]);
});

it("applies each caller's own select to the shared entry", async ({ expect }) => {
  const long = { upstream: "cached-long" };
  const whole = await call("/echo", "select", long);
  const part = await call("/echo", "select", { ...long, select: "method" });

  expect(whole).toMatchObject({ body: { method: "GET" } });
  expect(part).toMatchObject({ cache: "hit", body: "GET" });
});

it("shares one fetch among concurrent calls, in one request and in several", async ({ expect }) => {
  const request = {
    upstream: "cached-long",
    path: "/delay",
    query: { ms: "300", key: "shared" },
  };
  const body = { requests: Array.from({ length: 6 }, () => request) };

  const replies = await Promise.all([1, 2, 3].map(() => retrieve(server.origin, body)));

  for (const { results } of replies) {
    expect(results.filter((result) => result.status === "fulfilled" && result.ok)).toHaveLength(6);
  }
  expect(upstreams.hits("shared")).toBe(1);
});

it("does not fail the calls that share a fetch when the first caller leaves", async ({
  expect,
}) => {
  const request = {
    upstream: "cached-long",
    path: "/when",
    query: { of: "left", key: "leaver" },
    timeout_ms: 60_000,
  };
  const hasty = retrieve(server.origin, { requests: [request], timeout_ms: 200 });
  const patient = retrieve(server.origin, { requests: [request], timeout_ms: 60_000 });

  expect((await hasty).results).toMatchObject([{ error: { code: "timeout" } }]);
  upstreams.release("left");
  expect((await patient).results).toMatchObject([{ ok: true }]);
});
