// POST /external-api against upstreams that stall, break off, lie, and recover: deadlines, size cap,
// retries.
import { afterAll, beforeAll, describe, it } from "vitest";

import { retrieve, retrieveOne } from "../support/node/external-api";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams] = await Promise.all([sharedWorld(), startUpstreams()]);
});
afterAll(() => upstreams.close());

/** Milliseconds between the requests that arrived with this key. */
function gaps(key: string): number[] {
  const times = upstreams.requestsOf(key).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? Number.NaN));
}

describe("deadlines", () => {
  it.for(["/hang", "/hang-body"])("ends a call to %s at its timeout", async (path, { expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url(`${path}?key=cut${path}`),
      timeout_ms: 300,
      retries: 0,
    });

    const detail = expect.stringContaining("300 ms");
    expect(result).toMatchObject({ error: { code: "timeout", detail }, attempts: 1 });
    expect(result.duration_ms).toBeGreaterThan(290);
    // Of a busy machine the time may be over before the upstream has heard of the call.
    const open = (): number => upstreams.hits(`cut${path}`) - upstreams.abandoned(`cut${path}`);
    await expect.poll(open).toBe(0);
  });

  it("gives each attempt a timeout of its own", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/hang?key=each"),
      timeout_ms: 200,
      retries: 1,
    });

    expect(result).toMatchObject({ error: { code: "timeout" }, attempts: 2 });
    expect(result.duration_ms).toBeGreaterThan(390);
  });

  it("ends every call at the deadline of the whole request", async ({ expect }) => {
    const reply = await retrieve(server.origin, {
      requests: ["/hang", "/hang-body"].map((path) => ({ url: upstreams.url(path) })),
      timeout_ms: 400,
    });

    const error = { code: "timeout", detail: expect.stringContaining("400 ms") };
    expect(reply.results).toMatchObject([{ error }, { error }]);
  });

  it("gives a receipt to twenty calls that hang", async ({ expect }) => {
    const urls = Array.from({ length: 20 }, () => upstreams.url("/hang"));

    const reply = await retrieve(server.origin, { urls, timeout_ms: 400 });

    expect(reply).toMatchObject({ total: 20, rejected: 20 });
    expect(new Set(reply.results.map((result) => "error" in result && result.error.code))).toEqual(
      new Set(["timeout"]),
    );
    expect(reply.results.map(({ attempts }) => attempts)).toEqual(Array(20).fill(1));
  });
});

describe("broken responses", () => {
  it.for(["/reset", "/reset-body", "/short"])(
    "calls %s a network error",
    async (path, { expect }) => {
      const result = await retrieveOne(server.origin, { url: upstreams.url(path), retries: 0 });

      expect(result).toMatchObject({ error: { code: "network" }, attempts: 1 });
    },
  );

  it.for(["text", "damaged", "followed"])(
    "says of a gzip body that is %s that it does not decode, and does not try again",
    async (how, { expect }) => {
      const result = await retrieveOne(server.origin, {
        url: upstreams.url(`/miscoded?how=${how}`),
      });

      expect(result).toMatchObject({
        error: { code: "unsupported-encoding" },
        http_status: 200,
        headers: { "content-encoding": "gzip" },
        attempts: 1,
      });
    },
  );

  it("says of a br body that is none that it does not decode", async ({ expect }) => {
    const url = upstreams.url("/miscoded?how=text&coding=br");

    const result = await retrieveOne(server.origin, { url });

    expect(result).toMatchObject({ error: { code: "unsupported-encoding" }, attempts: 1 });
  });

  it("calls a gzip body that ends too early a network error", async ({ expect }) => {
    const url = upstreams.url("/miscoded?how=cut");

    const result = await retrieveOne(server.origin, { url, retries: 1 });

    expect(result).toMatchObject({ error: { code: "network" }, attempts: 2 });
  });

  it("takes a gzip body of no bytes as an empty one", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url("/miscoded?how=none") });

    expect(result).toMatchObject({ ok: true, body_type: "text", body: "", bytes: 0 });
  });

  it("calls a port where nothing listens a network error", async ({ expect }) => {
    const gone = await startUpstreams();
    await gone.close();

    const result = await retrieveOne(server.origin, { url: gone.url("/echo"), retries: 0 });

    expect(result).toMatchObject({ error: { code: "network" } });
  });

  it.for(["/bytes", "/bytes?n=1048577", "/endless", "/huge", "/gzip-bomb"])(
    "stops reading %s at 1 MiB and does not try again",
    async (path, { expect }) => {
      const url = new URL(upstreams.url(path));
      url.searchParams.set("key", `large${path}`);

      const result = await retrieveOne(server.origin, { url: url.href });

      expect(result).toMatchObject({ error: { code: "response-too-large" }, attempts: 1 });
      expect(upstreams.hits(`large${path}`)).toBe(1);
    },
  );
});

// They spend their time waiting; together they wait once.
describe.concurrent("retries", () => {
  it.for([408, 429, 500, 502, 503, 504])("tries again after %i", async (status, { expect }) => {
    const key = `again-${String(status)}`;

    const result = await retrieveOne(server.origin, {
      url: upstreams.url(`/flap?times=1&status=${String(status)}&key=${key}`),
    });

    expect(result).toMatchObject({ ok: true, attempts: 2, body: { hit: 2 } });
  });

  it.for([400, 401, 403, 404, 409, 410, 422, 501, 505])(
    "takes %i as an answer",
    async (status, { expect }) => {
      const result = await retrieveOne(server.origin, {
        url: upstreams.url(`/fail?status=${String(status)}`),
      });

      expect(result).toMatchObject({ http_status: status, ok: false, attempts: 1 });
    },
  );

  it.for(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])(
    "tries a %s three times by default",
    async (method, { expect }) => {
      const url = upstreams.url(`/flap?times=2&status=reset&key=${method}`);

      const result = await retrieveOne(server.origin, { url, method });

      expect(result).toMatchObject({ ok: true, attempts: 3 });
      expect(upstreams.hits(method)).toBe(3);
    },
  );

  it.for(["POST", "PATCH"])("tries a %s once unless told otherwise", async (method, { expect }) => {
    const once = upstreams.url(`/flap?key=${method}`);
    const twice = upstreams.url(`/flap?key=${method}-told`);

    const { results } = await retrieve(server.origin, {
      requests: [
        { url: once, method },
        { url: twice, method, retries: 1 },
      ],
    });

    expect(results).toMatchObject([
      { http_status: 503, attempts: 1 },
      { ok: true, attempts: 2 },
    ]);
  });

  it("returns the last response when no attempt succeeds", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/fail?key=never"),
      retries: 1,
    });

    expect(result).toMatchObject({ http_status: 503, body: { hit: 2 }, attempts: 2 });
  });

  it("sends the body again with each attempt", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/flap?times=1&status=reset&key=body"),
      method: "PUT",
      json: { n: 1 },
    });

    expect(result).toMatchObject({ ok: true, attempts: 2 });
    const lengths = upstreams.requestsOf("body").map(({ headers }) => headers["content-length"]);
    expect(lengths).toEqual(["7", "7"]);
  });

  it("waits as long as Retry-After says, in seconds", async ({ expect }) => {
    const url = upstreams.url("/flap?retry_after=1&key=seconds");

    const result = await retrieveOne(server.origin, { url });

    expect(result).toMatchObject({ ok: true, attempts: 2 });
    expect(gaps("seconds")[0]).toBeGreaterThan(990);
  });

  it("waits until the date of Retry-After", async ({ expect }) => {
    // An HTTP-date has whole seconds: 2.5 s from now names a moment 1.5 to 2.5 s away.
    const url = upstreams.url("/flap?retry_date_ms=2500&key=date");

    const result = await retrieveOne(server.origin, { url });

    expect(result).toMatchObject({ ok: true, attempts: 2 });
    expect(gaps("date")[0]).toBeGreaterThan(1_490);
  });

  it("returns the response when Retry-After lies beyond the deadline", async ({ expect }) => {
    const reply = await retrieve(server.origin, {
      requests: [{ url: upstreams.url("/flap?retry_after=61&key=beyond") }],
      timeout_ms: 60_000,
    });

    expect(reply.results).toMatchObject([{ http_status: 503, attempts: 1 }]);
  });

  it.for(["soon", "-1", "1e99", "99999999999999999999"])(
    "is not led astray by Retry-After: %s",
    async (value, { expect }) => {
      const query = new URLSearchParams({ retry_after: value, key: `odd${value}` });

      const reply = await retrieve(server.origin, {
        requests: [{ url: upstreams.url(`/flap?${query.toString()}`) }],
        timeout_ms: 30_000,
      });

      expect(reply.results).toMatchObject([{ status: "fulfilled" }]);
    },
  );
});
