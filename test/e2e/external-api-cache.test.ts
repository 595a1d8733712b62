// The cache of named upstreams in POST /external-api: how long an answer is kept, for whom, and what
// happens when several callers ask at once.
import { afterAll, beforeAll, it } from "vitest";

import { type Result, retrieve, retrieveOne } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
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
  server = await startWorker({
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

it("keeps only answers to a GET, and that there is nothing for a shorter time", async ({
  expect,
}) => {
  for (const path of ["/fail", "/reset"]) await call(path, "not-ok");
  for (const _ of [1, 2]) await call("/echo", "posted", { method: "POST" });
  const long = { upstream: "cached-long" };
  for (const _ of [1, 2]) await call("/fail?status=404", "not-found", long);
  const again = await call("/fail?status=404", "not-found", long);

  expect(upstreams.hits("not-ok")).toBe(2);
  expect(upstreams.hits("posted")).toBe(2);
  expect(upstreams.hits("not-found")).toBe(1);
  expect(again).toMatchObject({ cache: "hit", http_status: 404, ok: false });
});

it.for(["private", "no-store", "max-age=60, PRIVATE", 'private="set-cookie"'])(
  "keeps nothing that the upstream says is %s",
  async (cc, { expect }) => {
    const key = `cc ${cc}`;
    for (const _ of [1, 2])
      expect(await call("/resource", key, { query: { key, cc } })).toMatchObject({ cache: "miss" });
    expect(upstreams.hits(key)).toBe(2);
  },
);

it("makes no difference of the query's order, nor of headers that nothing varies by", async ({
  expect,
}) => {
  const long = { upstream: "cached-long" };
  await call("/resource", "", { ...long, query: { a: 1, key: "same", b: 2 } });
  const headers = { "accept-language": "de", prefer: "return=minimal" };
  const query = { b: 2, key: "same", a: 1 };
  expect(await call("/resource", "", { ...long, query, headers })).toMatchObject({ cache: "hit" });
  expect(upstreams.hits("same")).toBe(1);
});

it("answers a caller's own condition from the cache, and 304 is ok", async ({ expect }) => {
  const query = { key: "conditional", etag: '"v1"' };
  const request = { upstream: "cached-long", path: "/resource", query };
  await retrieveOne(server.origin, request);
  const current = { ...request, headers: { "if-none-match": 'W/"v1"' } };
  expect(await retrieveOne(server.origin, current)).toMatchObject({
    cache: "hit",
    http_status: 304,
    ok: true,
    bytes: 0,
  });
  const outdated = { ...request, headers: { "if-none-match": '"v0"' } };
  expect(await retrieveOne(server.origin, outdated)).toMatchObject({
    cache: "hit",
    http_status: 200,
  });
  expect(upstreams.hits("conditional")).toBe(1);
});

it("asks if an old entry is still current, and is content with a 304", async ({ expect }) => {
  const query = { key: "revalidated", etag: '"v1"' };
  await call("/resource", "", { query });
  await expect
    .poll(async () => {
      await call("/resource", "", { query });
      return upstreams.hits("revalidated");
    })
    .toBeGreaterThan(1);
  const seen = upstreams.requestsOf("revalidated").map(({ headers }) => headers["if-none-match"]);
  expect(seen[1]).toBe('"v1"');
  expect(await call("/resource", "", { query })).toMatchObject({
    cache: "hit",
    http_status: 200,
    body: { method: "GET" },
  });
});

it("tells calls apart by query and by the headers that the upstream varies by", async ({
  expect,
}) => {
  const languages = ["de", "id", "de"].map((language) => ({
    upstream: "cached-long",
    path: "/resource",
    query: { key: "apart", vary: "Accept-Language, Accept-Encoding" },
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
