// How POST /external-api reads what upstreams send: numbers, media types, charsets, and what callers ask for.
import { afterAll, beforeAll, describe, it } from "vitest";

import { post, retrieveOne } from "../support/node/external-api";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams] = await Promise.all([sharedWorld(), startUpstreams()]);
});
afterAll(() => upstreams.close());

/** The URL of a body, as text or as bytes in hexadecimal. */
function given(body: { json?: string; hex?: string; type?: string; status?: string }): string {
  return upstreams.url(`/given?${new URLSearchParams(body).toString()}`);
}

describe("numbers", () => {
  const json = '{"id":9007199254740993,"h":1e400,"i":-0,"f":0.10000000000000000000001,"n":1.5}';

  it.for([1, 7])("are passed on exactly, by each of %i calls", async (count, { expect }) => {
    const urls = Array.from({ length: count }, () => given({ json }));
    const text = await (await post(server.origin, { urls })).text();
    expect(text.split(`"body":${json}`)).toHaveLength(count + 1);
  });

  it("are passed on exactly in a stream, and in a refusal", async ({ expect }) => {
    const headers = { accept: "application/x-ndjson" };
    const stream = await (await post(server.origin, { urls: [given({ json })] }, headers)).text();
    expect(stream).toContain(`"body":${json}`);
    const urls = [given({ json, status: "404" })];
    const refused = await post(server.origin, { urls, policy: "all" });
    expect(await refused.text()).toContain(`"body":${json}`);
  });

  it("are texts to select, where they are longer integers", async ({ expect }) => {
    const select = "[id, n]";
    const result = await retrieveOne(server.origin, { url: given({ json }), select });
    expect(result).toMatchObject({ body: ["9007199254740993", 1.5] });
  });
});

describe("a body", () => {
  it.for<[string, string]>([
    ["application/json; charset='utf-8'", "json"],
    ["application/json; charset=utf8mb4", "json"],
    ["application/json, application/json; charset=utf-8", "json"],
    ["application/x-json", "json"],
    ["application/vnd.api+json", "json"],
    ["text/json", "json"],
    ["text/plain", "json"],
    ["", "json"],
    ["text/html", "text"],
    ["application/octet-stream", "text"],
  ])("of the type %j is %s", async ([type, body_type], { expect }) => {
    const url = given({ json: '{"é":1}', type });
    const body = body_type === "json" ? { é: 1 } : '{"é":1}';
    expect(await retrieveOne(server.origin, { url })).toMatchObject({ body_type, body });
  });

  it.for<[string, string, Record<string, unknown>, string]>([
    ["63e9", "text/plain; charset=iso-8859-1", {}, "cé"],
    ["63e9", "text/plain", { charset: "latin1" }, "cé"],
    ["63e9", "text/plain; charset=utf-8", {}, "c\ufffd"],
    ["fffe68006900", "text/plain; charset=utf-8", {}, "hi"],
    ["feff00680069", "text/plain", {}, "hi"],
    ["efbbbf6869", "text/plain; charset=utf-16le", {}, "hi"],
    ["82a0", "text/plain; charset=Shift_JIS", {}, "あ"],
  ])(
    "of the bytes %s as %j is read as the standard says",
    async ([hex, type, more, body], { expect }) => {
      const result = await retrieveOne(server.origin, { url: given({ hex, type }), ...more });
      expect(result).toMatchObject({ body_type: "text", body });
    },
  );

  it.for<[string, string, unknown]>([
    ["base64", "base64", "eyJhIjoxfQ=="],
    ["text", "text", '{"a":1}'],
    ["json", "json", { a: 1 }],
    ["auto", "text", '{"a":1}'],
  ])("is read as %s where the caller says so", async ([read, body_type, body], { expect }) => {
    const url = given({ json: '{"a":1}', type: "text/html" });
    expect(await retrieveOne(server.origin, { url, read })).toMatchObject({ body_type, body });
  });

  it.for([{ select: "a" }, { read: "json" }])(
    "that is no JSON does not do for %j, and the response is told",
    async (more, { expect }) => {
      const url = given({ json: "no json", type: "text/html" });
      const result = await retrieveOne(server.origin, { url, method: "POST", body: "x", ...more });
      expect(result).toMatchObject({
        status: "rejected",
        error: { code: "invalid-select" },
        http_status: 200,
        headers: { "content-type": "text/html" },
      });
    },
  );
});

describe("a request", () => {
  it("may be a form, bytes, and have a typed query", async ({ expect }) => {
    const call = { url: upstreams.url("/echo"), method: "POST" };
    const form = await retrieveOne(server.origin, {
      ...call,
      query: { n: 1, yes: true, list: ["a", 2] },
      form: { a: "1 &", b: [true, 2] },
    });
    expect(form).toMatchObject({
      body: {
        path: "/echo?n=1&yes=true&list=a&list=2",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "a=1+%26&b=true&b=2",
      },
    });
    const bytes = await retrieveOne(server.origin, { ...call, body_base64: "aGk=" });
    expect(bytes).toMatchObject({ body: { body: "hi" } });
  });

  it("has a bound for all attempts of a call", async ({ expect }) => {
    const url = upstreams.url("/fail?status=503&retry_after=3&key=bounded");
    const result = await retrieveOne(server.origin, { url, total_timeout_ms: 1000 });
    expect(result).toMatchObject({ http_status: 503, attempts: 1 });
    const hanging = { url: upstreams.url("/hang"), total_timeout_ms: 100, retries: 5 };
    expect(await retrieveOne(server.origin, hanging)).toMatchObject({
      error: { code: "timeout" },
      attempts: 1,
    });
  });
});
