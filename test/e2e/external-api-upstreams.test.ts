// Named upstreams of POST /external-api: what a caller may ask of them, and where their secrets go.
import { afterAll, beforeAll, describe, it } from "vitest";

import { post, refusal, type Result, retrieveOne } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

// With characters that JSON, URLs and base64 each write differently.
const SECRET = 's3cr3t/"42"+x==';
const WITH_TOKEN = { authorization: "Bearer dev" };
const HEADERS = { authorization: "Bearer ${ECHO_TOKEN}", "x-api-key": "${ECHO_TOKEN}" };

let server: Serentak;
let upstreams: Upstreams;
let elsewhere: Upstreams;

beforeAll(async () => {
  [upstreams, elsewhere] = await Promise.all([startUpstreams(), startUpstreams()]);
  const base = { base_url: upstreams.origin, headers: HEADERS, public: true };
  const named = {
    echo: { ...base, methods: ["GET", "POST"], paths: ["/echo/*", "/echo-text", "/fail"] },
    any: { ...base, paths: ["/*"] },
    below: { ...base, base_url: upstreams.url("/echo/below"), paths: ["/*"] },
    private: { ...base, public: false, paths: ["/*"] },
  };
  server = await startWorker({
    UPSTREAMS: JSON.stringify(named),
    ECHO_TOKEN: SECRET,
    // The upstream's own origin is not among them: its name is enough.
    ALLOWED_HOSTS: `127.0.0.1:${String(elsewhere.port)}`,
  });
});
afterAll(() => Promise.all([server.stop(), upstreams.close(), elsewhere.close()]));

/** The ways in which a text may hold the secret. */
const SPELLINGS = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  encodeURI(SECRET),
  new URLSearchParams({ x: SECRET }).toString().slice(2),
];

/** True if a receipt contains the secret in any layer of encoding. */
function tellsSecret(result: Result): boolean {
  const { body } = result;
  const decoded = typeof body === "string" ? Buffer.from(body, "base64").toString("latin1") : "";
  const text = JSON.stringify(result);
  const seen = [text, text.replaceAll("\\", ""), decoded, decoded.replaceAll("\\", "")];
  return SPELLINGS.some((spelling) => seen.some((each) => each.includes(spelling)));
}

describe("a call by name", () => {
  it("goes to the upstream's path with the query and the injected headers", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      upstream: "echo",
      path: "/echo/things",
      query: { page: "1", q: "a&b c", key: "injected" },
    });

    expect(result).toMatchObject({ ok: true, body: { method: "GET" } });
    expect(Object.fromEntries(new URL(result.url).searchParams)).toMatchObject({ q: "a&b c" });
    expect(upstreams.requestsOf("injected")).toMatchObject([
      { headers: { authorization: `Bearer ${SECRET}`, "x-api-key": SECRET } },
    ]);
  });

  it("stays below the path of the base URL", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { upstream: "below", path: "/x" });

    expect(result).toMatchObject({ body: { path: "/echo/below/x" } });
  });

  it("lets no caller replace an injected header", async ({ expect }) => {
    const headers = { Authorization: "mine" };
    const request = { upstream: "echo", path: "/echo/x", query: { key: "own" }, headers };

    const { errors } = await refusal(server.origin, { requests: [request] });

    expect(errors?.map(({ pointer }) => pointer)).toEqual(["#/requests/0/headers/Authorization"]);
    expect(upstreams.hits("own")).toBe(0);
  });

  it.for([
    ["an unknown upstream", { upstream: "nobody", path: "/x" }, "#/requests/0/upstream"],
    ["a name of every object", { upstream: "constructor", path: "/x" }, "#/requests/0/upstream"],
    [
      "a method not listed",
      { upstream: "echo", path: "/echo/x", method: "DELETE" },
      "#/requests/0/method",
    ],
    ["a path not listed", { upstream: "echo", path: "/admin" }, "#/requests/0/path"],
    ["a path that only begins alike", { upstream: "echo", path: "/echoes" }, "#/requests/0/path"],
    ["a path that climbs out", { upstream: "echo", path: "/echo/../admin" }, "#/requests/0/path"],
    ["an encoded climb", { upstream: "echo", path: "/echo/%2e%2E/admin" }, "#/requests/0/path"],
    ["a climb by backslash", { upstream: "echo", path: "/echo/..\\admin" }, "#/requests/0/path"],
    ["an encoded slash", { upstream: "echo", path: "/echo/..%2Fadmin" }, "#/requests/0/path"],
    ["an encoded backslash", { upstream: "echo", path: "/echo/..%5cadmin" }, "#/requests/0/path"],
    ["a climb out of the base", { upstream: "below", path: "/../../admin" }, "#/requests/0/path"],
    ["a relative path", { upstream: "any", path: "echo/x" }, "#/requests/0/path"],
  ] as const)("refuses %s", async ([, request, pointer], { expect }) => {
    const before = upstreams.requests.length;

    const problem = await refusal(server.origin, { requests: [request] }, WITH_TOKEN);

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(upstreams.requests).toHaveLength(before);
  });

  it("refuses a call with both a URL and an upstream", async ({ expect }) => {
    const problem = await refusal(server.origin, {
      requests: [{ url: elsewhere.url("/echo"), upstream: "echo", path: "/echo/x" }],
    });

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
  });

  it.for([
    "//PLACE/echo",
    "/\\PLACE/echo",
    "@PLACE/echo",
    ".PLACE/echo",
    ":80@PLACE/",
    "http://PLACE/echo",
  ])("never leaves the upstream's origin for the path %j", async (pattern, { expect }) => {
    const path = pattern.replace("PLACE", new URL(elsewhere.origin).host);
    const before = elsewhere.requests.length;

    const body = { requests: [{ upstream: "any", path, retries: 0 }] };
    await (await post(server.origin, body)).text();

    expect(elsewhere.requests).toHaveLength(before);
  });

  it("needs a token unless the upstream is public", async ({ expect }) => {
    const request = { upstream: "private", path: "/echo", query: { key: "private" } };

    const problem = await refusal(server.origin, { requests: [request] });
    const unknown = { ...request, upstream: "nobody" };
    const { errors } = await refusal(server.origin, { requests: [unknown] });
    expect(problem).toMatchObject({ status: 422, code: "invalid-body", errors });
    expect(upstreams.hits("private")).toBe(0);

    const result = await retrieveOne(server.origin, request, WITH_TOKEN);
    expect(result).toMatchObject({ ok: true });
  });

  it("does not open the upstream's host to URLs", async ({ expect }) => {
    const result = await retrieveOne(
      server.origin,
      { url: upstreams.url("/echo?key=direct") },
      WITH_TOKEN,
    );

    expect(result).toMatchObject({ error: { code: "host-not-allowed" } });
    expect(upstreams.hits("direct")).toBe(0);
  });
});

describe("an injected secret", () => {
  it.for([
    "/echo",
    "/echo-text",
    "/echo-nested",
    "/echo-utf16",
    "/echo-binary",
    "/echo-header",
    "/echo-location",
  ])("is not returned when the upstream sends it back by %s", async (path, { expect }) => {
    const result = await retrieveOne(server.origin, { upstream: "any", path });

    expect(result).toMatchObject({ ok: true });
    expect(tellsSecret(result)).toBe(false);
  });

  it.for([
    "gzip",
    "br",
    "deflate",
    "deflate:raw",
    "zstd",
    "x-gzip",
    "GZIP",
    "gzip,gzip",
    "deflate, zstd",
  ])("is not returned in the content coding %s, which is decoded", async (coding, { expect }) => {
    const query = { coding };
    const result = await retrieveOne(server.origin, {
      upstream: "any",
      path: "/echo-coded",
      query,
    });

    expect(result).toMatchObject({ ok: true, body_type: "json", body: { method: "GET" } });
    expect(tellsSecret(result)).toBe(false);
  });

  it("is not returned in a content coding that cannot be decoded", async ({ expect }) => {
    const query = { coding: "gzip,secret" };
    const result = await retrieveOne(server.origin, {
      upstream: "any",
      path: "/echo-coded",
      query,
    });

    expect(result).toMatchObject({
      status: "rejected",
      error: { code: "unsupported-encoding" },
      http_status: 200,
      headers: { "content-encoding": "gzip,secret" },
    });
    expect(result).not.toHaveProperty("body");
  });

  it.for(["Accept-Encoding", "TE", "Range", "If-Range"])(
    "is not got by the header %s",
    async (name, { expect }) => {
      const headers = { [name]: name === "Range" ? "bytes=0-7" : "deflate" };
      const request = { upstream: "any", path: "/echo-range", headers };

      const { errors } = await refusal(server.origin, { requests: [request] });

      expect(errors?.map(({ pointer }) => pointer)).toEqual([`#/requests/0/headers/${name}`]);
    },
  );

  it.for(["utf-16le", "utf-16be", "gb18030", "iso-2022-jp", "utf-8"])(
    "is not returned in disguise by the charset %s",
    async (charset, { expect }) => {
      const request = { upstream: "any", path: "/echo-text", charset, read: "text" };

      const result = await retrieveOne(server.origin, request);

      const text = String(result.body);
      const units = Array.from(text, (_, at) => text.charCodeAt(at));
      const bytes = Buffer.from(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
      const swapped = Buffer.from(units.flatMap((unit) => [unit >> 8, unit & 0xff]));
      expect(tellsSecret(result)).toBe(false);
      for (const seen of [bytes, swapped]) expect(seen.toString("latin1")).not.toContain("s3cr3t");
    },
  );

  it("is not returned in disguise by select", async ({ expect }) => {
    const reversed = SECRET.split("").toReversed().join("");

    const result = await retrieveOne(server.origin, {
      upstream: "any",
      path: "/echo",
      select: 'reverse(headers."x-api-key")',
    });

    expect(result).toMatchObject({ status: "fulfilled" });
    expect(JSON.stringify(result)).not.toContain(JSON.stringify(reversed).slice(1, -1));
  });

  it("does not cross to another origin in a redirect", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      upstream: "any",
      path: "/redirect",
      query: { to: elsewhere.url("/echo?key=crossed") },
    });

    expect(result).toMatchObject({ ok: true, redirects: 1 });
    const [seen] = elsewhere.requestsOf("crossed");
    expect(seen?.headers).not.toHaveProperty("authorization");
    expect(seen?.headers).not.toHaveProperty("x-api-key");
  });

  it("is not sent to the upstream's origin when a plain URL redirects there", async ({
    expect,
  }) => {
    const to = encodeURIComponent(upstreams.url("/echo?key=plain"));

    await retrieveOne(server.origin, { url: elsewhere.url(`/redirect?to=${to}`) });

    const sent = upstreams.requestsOf("plain").map(({ headers }) => headers.authorization);
    expect(sent.filter(Boolean)).toEqual([]);
  });

  it("is not logged", async ({ expect }) => {
    await retrieveOne(server.origin, { upstream: "any", path: "/echo-location" });
    await retrieveOne(server.origin, { upstream: "any", path: "/reset", retries: 0 });

    // npm prints the command it runs, secrets given as flags included.
    const lines = server
      .output()
      .split("\n")
      .filter((line) => !line.startsWith("> "));
    expect(lines.filter((line) => SPELLINGS.some((spelling) => line.includes(spelling)))).toEqual(
      [],
    );
  });
});
