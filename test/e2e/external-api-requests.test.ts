// Requests that POST /external-api sends or refuses to send, and its reading of replies.
import { afterAll, beforeAll, describe, it } from "vitest";

import { refusal, retrieve, retrieveOne } from "../support/node/external-api";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

const TOO_MANY = Array.from({ length: 21 }, () => "http://a.example/");

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams] = await Promise.all([sharedWorld(), startUpstreams()]);
});
afterAll(() => upstreams.close());

describe("requests", () => {
  it("sends method, headers and a JSON body as given", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/echo/things?x=1"),
      method: "PUT",
      headers: { "x-mine": "yes", "If-Match": '"3"' },
      json: { deep: [1, { two: "zwei" }] },
    });

    expect(result).toMatchObject({
      body: {
        method: "PUT",
        path: "/echo/things?x=1",
        headers: { "x-mine": "yes", "if-match": '"3"', "content-type": "application/json" },
        body: '{"deep":[1,{"two":"zwei"}]}',
      },
    });
  });

  it("sends a text body with the content type of the caller", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/echo"),
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=1&b=é",
    });

    expect(result).toMatchObject({
      body: {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "a=1&b=é",
      },
    });
  });

  it("reads no body from a HEAD", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      url: upstreams.url("/bytes?n=5000000&key=head"),
      method: "HEAD",
    });

    expect(result).toMatchObject({ status: "fulfilled", http_status: 200, bytes: 0 });
    expect(upstreams.requestsOf("head")).toMatchObject([{ method: "HEAD" }]);
  });

  it.for([
    ["no call at all", { requests: [] }, "#/requests"],
    ["no URL at all", { urls: [] }, "#/urls"],
    ["more than 20 URLs", { urls: TOO_MANY }, "#/urls"],
    ["more than 20 calls", { requests: TOO_MANY.map((url) => ({ url })) }, "#/requests"],
    ["an unknown field", { urls: ["http://a.example/"], polcy: "all" }, "#/polcy"],
    ["an unknown policy", { urls: ["http://a.example/"], policy: "most" }, "#/policy"],
    ["no http: URL", { urls: ["http://a.example/", "ftp://a.example/"] }, "#/urls/1"],
    ["a file: URL", { requests: [{ url: "file:///etc/passwd" }] }, "#/requests/0/url"],
    ["a relative URL", { urls: ["/users"] }, "#/urls/0"],
    ["credentials in a URL", { urls: ["http://me:secret@a.example/"] }, "#/urls/0"],
    ["a user name in a URL", { requests: [{ url: "http://me@a.example/" }] }, "#/requests/0/url"],
    ["a negative timeout", { urls: ["http://a.example/"], timeout_ms: -1 }, "#/timeout_ms"],
    [
      "the same id twice",
      { requests: [{ url: "http://a.example/" }, { id: "0", url: "http://a.example/" }] },
      "#/requests/1/id",
    ],
  ] as const)("refuses %s", async ([, body, pointer], { expect }) => {
    const problem = await refusal(server.origin, body);

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it.for([
    "Host",
    "connection",
    "keep-alive",
    "Proxy-Authorization",
    "te",
    "Transfer-Encoding",
    "trailer",
    "Upgrade",
    "bad name",
    "x\r\ninjected",
  ])("refuses the request header %j", async (name, { expect }) => {
    const problem = await refusal(server.origin, {
      requests: [{ url: upstreams.url("/echo?key=forbidden"), headers: { [name]: "x" } }],
    });

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
    expect(problem.errors?.[0]?.pointer).toMatch(/^#\/requests\/0\/headers/);
    expect(upstreams.hits("forbidden")).toBe(0);
  });

  it("refuses a header value with a line break", async ({ expect }) => {
    const problem = await refusal(server.origin, {
      requests: [{ url: upstreams.url("/echo"), headers: { "x-mine": "a\r\nx-injected: b" } }],
    });

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
  });
});

describe("bodies", () => {
  it.for([
    ["/problem-json", "json", { title: "ok" }],
    ["/gzip", "json", { zipped: true }],
    ["/broken-json", "text", '{"broken":'],
    ["/latin1", "text", "café"],
    ["/untyped", "text", "plain words"],
    ["/binary", "base64", Buffer.of(137, 80, 78, 71, 0, 255).toString("base64")],
  ] as const)("reads %s as %s", async ([path, bodyType, body], { expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url(path) });

    expect(result).toMatchObject({ ok: true, body_type: bodyType, body });
  });

  it("takes a 204 without a body as ok", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url("/empty") });

    expect(result).toMatchObject({ status: "fulfilled", ok: true, http_status: 204, bytes: 0 });
  });

  it("counts the bytes of the body as it was read", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url("/bytes?n=100000") });

    expect(result).toMatchObject({ body_type: "text", body: "a".repeat(100_000), bytes: 100_000 });
  });

  it.for(["length", "chunked"])(
    "returns a body of exactly 1 MiB, and none that is a byte longer, sent by %s",
    async (framing, { expect }) => {
      const sizes = [1024 * 1024, 1024 * 1024 + 1];
      const urls = sizes.map((n) => upstreams.url(`/bytes?${framing}&n=${String(n)}`));

      const { results } = await retrieve(server.origin, { urls });

      expect(results).toMatchObject([
        { bytes: sizes[0] },
        { error: { code: "response-too-large" } },
      ]);
    },
  );

  it("returns the upstream's headers, but no cookies", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url("/cookies") });

    expect(result).toMatchObject({ headers: { "x-kept": "yes" } });
    expect(JSON.stringify(result)).not.toMatch(/set-cookie/i);
    expect(JSON.stringify(result)).not.toContain("a=1");
  });
});
