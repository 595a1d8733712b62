// POST /external-api as a page uses it: what comes back, in which order, under which policy.
import * as v from "valibot";
import { afterAll, beforeAll, describe, it } from "vitest";

import {
  post,
  readLines,
  refusal,
  Result,
  retrieve,
  retrieveOne,
  Summary,
} from "../support/node/external-api";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

const NDJSON = { accept: "application/x-ndjson" };

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams] = await Promise.all([sharedWorld(), startUpstreams()]);
});
afterAll(() => upstreams.close());

describe("receipts", () => {
  it("returns a receipt for each URL in the order of the request", async ({ expect }) => {
    const urls = [200, 100, 10].map((ms) => upstreams.url(`/delay?ms=${String(ms)}`));

    const reply = await retrieve(server.origin, { urls });

    expect(reply).toMatchObject({ policy: "settled", total: 3, fulfilled: 3, rejected: 0 });
    expect(reply.results).toMatchObject(
      urls.map((url, index) => ({
        id: String(index),
        status: "fulfilled",
        url,
        http_status: 200,
        ok: true,
        body_type: "json",
        body: { delay_ms: [200, 100, 10][index] },
        attempts: 1,
        redirects: 0,
      })),
    );
  });

  it("answers 200 with a receipt for each call whatever mix of failures it meets", async ({
    expect,
  }) => {
    const paths = ["/delay?ms=10", "/fail?status=404", "/hang", "/reset", "/endless", "/loop"];
    const requests = paths.map((path) => ({
      id: path,
      url: upstreams.url(path),
      timeout_ms: path === "/hang" ? 300 : 60_000,
      retries: 0,
    }));
    requests.push({ id: "refused", url: "http://10.0.0.1/", timeout_ms: 300, retries: 0 });

    const reply = await retrieve(server.origin, { requests, timeout_ms: 60_000 });

    expect(reply).toMatchObject({ total: 7, fulfilled: 2, rejected: 5 });
    expect(reply.results.map(({ id }) => id)).toEqual(requests.map(({ id }) => id));
    expect(reply.results).toMatchObject([
      { ok: true },
      { ok: false, http_status: 404 },
      { error: { code: "timeout" } },
      { error: { code: "network" } },
      { error: { code: "response-too-large" } },
      { error: { code: "too-many-redirects" } },
      { error: { code: "host-not-allowed" } },
    ]);
  });

  it("tells when a call started and how long it took", async ({ expect }) => {
    const url = upstreams.url("/delay?ms=100");
    const requests = [
      { id: "a", url },
      { id: "b", url, after: ["a"] },
    ];

    const { results, duration_ms } = await retrieve(server.origin, { requests });

    const [first, last] = results;
    expect(first?.started_ms).toBeLessThan(last?.started_ms ?? 0);
    expect(last?.started_ms).toBeGreaterThan(95);
    expect(last?.duration_ms).toBeGreaterThan(95);
    expect(duration_ms).toBeGreaterThan(190);
  });

  it("sends Server-Timing and a Request-Id, and is never stored", async ({ expect }) => {
    const response = await post(server.origin, { urls: [upstreams.url("/echo")] });
    await response.body?.cancel();

    expect(Object.fromEntries(response.headers)).toMatchObject({
      "cache-control": "no-store",
      "content-type": expect.stringContaining("application/json"),
      "request-id": expect.stringMatching(/./),
      "server-timing": expect.stringMatching(/dur=/),
      "x-content-type-options": "nosniff",
    });
  });
});

describe("policy", () => {
  it("all: answers 200 when every call is ok", async ({ expect }) => {
    const urls = [upstreams.url("/echo"), upstreams.url("/delay?ms=20")];

    const reply = await retrieve(server.origin, { urls, policy: "all" });

    expect(reply).toMatchObject({ policy: "all", fulfilled: 2 });
  });

  it("all: answers 502 with every receipt when one call is not ok", async ({ expect }) => {
    const urls = [upstreams.url("/echo"), upstreams.url("/fail?status=404")];

    const problem = await refusal(server.origin, { urls, policy: "all" });

    expect(problem).toMatchObject({
      status: 502,
      code: "upstream-failed",
      results: [{ ok: true }, { ok: false, http_status: 404 }],
    });
  });

  it("any: returns the first ok result and cancels the calls that still run", async ({
    expect,
  }) => {
    const losers = ["/hang", "/hang-body", "/hang", "/hang-body", "/hang"];
    // The seventh gets its turn when the first has failed, and is answered when all the others have arrived.
    const paths = [
      "/fail?status=404",
      ...losers.map((path) => `${path}?key=loser`),
      "/when?of=loser&n=5",
    ];
    const requests = paths.map((path) => ({ url: upstreams.url(path), timeout_ms: 60_000 }));

    const reply = await retrieve(server.origin, { requests, policy: "any", timeout_ms: 60_000 });

    expect(reply.results).toMatchObject([
      { status: "fulfilled", ok: false },
      ...losers.map(() => ({ status: "rejected", error: { code: "cancelled" } })),
      { status: "fulfilled", ok: true },
    ]);
    await expect.poll(() => upstreams.abandoned("loser")).toBe(losers.length);
  });

  it("any: answers 502 with every receipt when no call is ok", async ({ expect }) => {
    const requests = ["/fail?status=404", "/reset"].map((path) => ({
      url: upstreams.url(path),
      retries: 0,
    }));

    const problem = await refusal(server.origin, { requests, policy: "any" });

    expect(problem).toMatchObject({
      status: 502,
      code: "upstream-failed",
      results: [{ ok: false }, { error: { code: "network" } }],
    });
  });
});

describe("select and fallback", () => {
  it("applies a JMESPath expression to a JSON body", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/echo"),
      select: "[method, headers.host]",
    });

    expect(result).toMatchObject({
      body_type: "json",
      body: ["GET", new URL(upstreams.origin).host],
    });
  });

  it("rejects a call whose expression cannot be read, and no other", async ({ expect }) => {
    const { results } = await retrieve(server.origin, {
      requests: [
        { url: upstreams.url("/echo"), select: "items[" },
        { url: upstreams.url("/echo"), select: "method" },
      ],
    });

    expect(results).toMatchObject([{ error: { code: "invalid-select" } }, { body: "GET" }]);
  });

  it("gives the fallback as the body of every call that is not ok", async ({ expect }) => {
    const fallback = { items: [] };
    const requests = ["/echo", "/fail?status=404", "/reset", "/loop"].map((path) => ({
      url: upstreams.url(path),
      retries: 0,
      fallback,
    }));

    const { results } = await retrieve(server.origin, { requests });

    expect(results[0]).not.toHaveProperty("fallback_used");
    expect(results.slice(1)).toMatchObject([
      { status: "fulfilled", ok: false, http_status: 404, body: fallback, fallback_used: true },
      { status: "rejected", body: fallback, fallback_used: true },
      { status: "rejected", body: fallback, fallback_used: true },
    ]);
  });

  it("takes null as a fallback like any other value", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/fail?status=404"),
      fallback: null,
    });

    expect(result).toMatchObject({ body: null, fallback_used: true });
  });
});

describe("as a stream", () => {
  it("writes each result as a line when it settles, and the summary last", async ({ expect }) => {
    const requests = ["last", "second", "first"].map((id) => ({
      id,
      url: upstreams.url(`/when?of=${id}`),
      timeout_ms: 60_000,
    }));
    requests.push({ id: "refused", url: "http://10.0.0.1/", timeout_ms: 60_000 });

    const response = await post(server.origin, { requests, timeout_ms: 60_000 }, NDJSON);

    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = readLines(response);
    for (const id of ["refused", "first", "second", "last"]) {
      // None is answered before the line ahead of it has been read.
      upstreams.release(id);
      expect(v.parse(Result, (await lines.next()).value).id).toBe(id);
    }
    const summary = v.parse(Summary, (await lines.next()).value);
    expect(summary).toMatchObject({ total: 4, fulfilled: 3, rejected: 1 });
    expect((await lines.next()).done).toBe(true);
  });
});

// `wrangler dev` stands between caller and Worker, and passes on that the caller has left only when
// the Worker writes the next time.
it("lets go of the upstreams when the reader of a stream goes away", async ({ expect }) => {
  const caller = new AbortController();
  const writes = Array.from({ length: 18 }, (_, n) => `/when?of=write&n=${String(n + 1)}`);
  const urls = ["/echo", "/hang?key=left", ...writes].map((path) => upstreams.url(path));
  const requests = urls.map((url) => ({ url, timeout_ms: 60_000 }));
  const body = { requests, timeout_ms: 60_000 };
  const response = await post(server.origin, body, NDJSON, caller.signal);
  await response.body?.getReader().read();
  await expect.poll(() => upstreams.hits("left")).toBe(1);

  caller.abort();

  const abandoned = (): number => {
    upstreams.release("write");
    return upstreams.abandoned("left");
  };
  // The call would end at its timeout in any case, only later than this.
  await expect.poll(abandoned, { interval: 500, timeout: 50_000 }).toBe(1);
});
