// Credentials of named upstreams wherever APIs want them, and the quotas that bound their use.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, it } from "vitest";

import { refusal, retrieve, retrieveOne, type Result } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

const KEY = "s3cr3t:k3y/+&0123";
const PASSWORD = "p4ssw0rd-0123456";
const WITH_TOKEN = { authorization: "Bearer dev" };

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
/** The named upstream of README.md as it stands there, by TOML's keys. */
const EXAMPLE = Object.fromEntries(
  Array.from(
    /\[vars\.UPSTREAMS\.github\](.*?)\n\n/s
      .exec(README)?.[1]
      ?.matchAll(/^(\w+) = (\{.*\}|\[.*?\]|"[^"]*"|\w+)/gm) ?? [],
    ([, key = "", value = ""]) => [key, JSON.parse(value.replace(/^\{ (\w+) =/, '{"$1":'))],
  ),
);

let server: Serentak;
let upstreams: Upstreams;
let elsewhere: Upstreams;

beforeAll(async () => {
  [upstreams, elsewhere] = await Promise.all([startUpstreams(), startUpstreams()]);
  const base = { base_url: upstreams.origin, public: true };
  const tokenUrl = (key: string, client: string) =>
    upstreams.url(`/token?key=${key}&client=${encodeURIComponent(client)}`);
  const client = { client_id: "me", client_secret: "${PASSWORD}", scope: "read" };
  server = await startWorker({
    UPSTREAMS: JSON.stringify({
      bot: { base_url: upstreams.url("/echo/bot${KEY}/"), public: true },
      weather: { ...base, query: { appid: "${KEY}", units: "metric" } },
      basic: { ...base, basic: ["user", "${PASSWORD}"] },
      plain: { ...base, headers: { "x-account": "${plain:ACCOUNT}" } },
      oauth: { ...base, oauth2: { ...client, token_url: tokenUrl("tokens", `me:${PASSWORD}`) } },
      rotated: { ...base, oauth2: { ...client, token_url: tokenUrl("rotated", `me:${PASSWORD}`) } },
      refused: { ...base, oauth2: { ...client, token_url: tokenUrl("refused", "other:x") } },
      daily: { ...base, daily_calls: 3 },
      caller: { ...base, per_caller: "2/h" },
      paced: { ...base, rate: "4/s" },
      slow: { ...base, rate: "1/h" },
      example: { ...EXAMPLE, base_url: upstreams.origin },
    }),
    KEY,
    GITHUB_TOKEN: KEY,
    PASSWORD,
    ACCOUNT: "42",
  });
});
afterAll(() => Promise.all([server.stop(), upstreams.close(), elsewhere.close()]));

/** True if a receipt tells a secret, or what is made of it. */
function tells(result: Result): boolean {
  const text = JSON.stringify(result);
  const made = [btoa(`user:${PASSWORD}`), encodeURIComponent(KEY), "tok3n"];
  return [KEY, PASSWORD, ...made].some((secret) => text.includes(secret));
}

describe("a secret", () => {
  it("in the path of the base URL is sent there, and not told", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      upstream: "bot",
      path: "/sendMessage",
      query: { key: "bot" },
    });

    expect(result).toMatchObject({ ok: true });
    expect(tells(result)).toBe(false);
    const [seen] = upstreams.requestsOf("bot");
    expect(seen?.path).toBe("/echo/bots3cr3t:k3y%2F+&0123/sendMessage?key=bot");
  });

  it("in the query is added to the caller's, and not told", async ({ expect }) => {
    const query = { key: "weather", q: ["Jakarta", "Solo"] };
    const result = await retrieveOne(server.origin, { upstream: "weather", path: "/echo", query });

    expect(result).toMatchObject({ ok: true });
    expect(tells(result)).toBe(false);
    const [seen] = upstreams.requestsOf("weather");
    const sent = new URLSearchParams(seen?.path.split("?")[1]);
    expect(Object.fromEntries(sent)).toMatchObject({ appid: KEY, units: "metric" });
    expect(sent.getAll("q")).toEqual(["Jakarta", "Solo"]);
  });

  it("in the query does not cross origins, though the upstream redirects with it", async ({
    expect,
  }) => {
    const to = elsewhere.url(`/echo?key=leaked&appid=${encodeURIComponent(KEY)}`);
    const result = await retrieveOne(server.origin, {
      upstream: "weather",
      path: "/redirect",
      query: { to },
    });

    expect(result).toMatchObject({ status: "fulfilled", http_status: 302, redirects: 0 });
    expect(tells(result)).toBe(false);
    expect(elsewhere.hits("leaked")).toBe(0);
  });

  it("in the query is no parameter of the caller's", async ({ expect }) => {
    const request = { upstream: "weather", path: "/echo?appid=mine", query: { APPID: "mine" } };
    const { errors } = await refusal(server.origin, { requests: [request] });
    expect(errors?.map(({ pointer }) => pointer)).toEqual([
      "#/requests/0/query/APPID",
      "#/requests/0/path",
    ]);
  });

  it("for Basic is sent in base64, which is not told either", async ({ expect }) => {
    const result = await retrieveOne(server.origin, {
      upstream: "basic",
      path: "/echo",
      query: { key: "basic" },
    });

    expect(result).toMatchObject({ ok: true });
    expect(tells(result)).toBe(false);
    const [seen] = upstreams.requestsOf("basic");
    expect(seen?.headers.authorization).toBe(`Basic ${btoa(`user:${PASSWORD}`)}`);
  });

  it("that is none is told as it is", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { upstream: "plain", path: "/echo" });
    expect(result).toMatchObject({ body: { headers: { "x-account": "42" } } });
  });
});

describe("OAuth", () => {
  it("fetches one token for all calls, which is sent and not told", async ({ expect }) => {
    const request = { upstream: "oauth", path: "/echo", query: { key: "with-token" } };
    const requests = Array.from({ length: 8 }, () => request);

    const { results } = await retrieve(server.origin, { requests });

    expect(results.map(({ status }) => status)).toEqual(Array(8).fill("fulfilled"));
    expect(results.filter(tells)).toEqual([]);
    expect(upstreams.hits("tokens")).toBe(1);
    const sent = upstreams.requestsOf("with-token").map(({ headers }) => headers.authorization);
    expect(sent).toEqual(Array(8).fill("Bearer tok3n-number-1"));
  });

  it("fetches another where the upstream does not take it", async ({ expect }) => {
    const call = (takes: string) =>
      retrieveOne(server.origin, { upstream: "rotated", path: "/guarded", query: { takes } });

    expect(await call("tok3n-number-1")).toMatchObject({ ok: true, attempts: 1 });
    const second = await call("tok3n-number-2");
    expect(second).toMatchObject({ ok: true, attempts: 2 });
    expect(tells(second)).toBe(false);
    expect(upstreams.hits("rotated")).toBe(2);
  });

  it("says that there is no token, and nothing of the client", async ({ expect }) => {
    const result = await retrieveOne(server.origin, { upstream: "refused", path: "/echo" });
    expect(result).toMatchObject({
      status: "rejected",
      error: { code: "network", detail: expect.stringContaining("its server answered 401") },
      attempts: 0,
    });
    expect(tells(result)).toBe(false);
  });
});

describe("a quota", () => {
  const codes = (results: readonly Result[]) =>
    results.map((result) => ("error" in result ? result.error.code : "ok")).toSorted();
  const calls = (upstream: string, count: number) =>
    Array.from({ length: count }, () => ({ upstream, path: "/echo", query: { key: upstream } }));

  it("of a day holds for all callers", async ({ expect }) => {
    const first = await retrieve(server.origin, { requests: calls("daily", 2) }, WITH_TOKEN);
    const second = await retrieve(server.origin, { requests: calls("daily", 2) });

    expect(codes(first.results)).toEqual(["ok", "ok"]);
    expect(codes(second.results)).toEqual(["ok", "quota-exceeded"]);
    expect(upstreams.hits("daily")).toBe(3);
  });

  it("of a caller holds for those without a token", async ({ expect }) => {
    const anonymous = await retrieve(server.origin, { requests: calls("caller", 8) });
    const known = await retrieve(server.origin, { requests: calls("caller", 3) }, WITH_TOKEN);

    expect(codes(anonymous.results)).toEqual([
      "ok",
      "ok",
      ...Array<string>(6).fill("quota-exceeded"),
    ]);
    expect(codes(known.results)).toEqual(["ok", "ok", "ok"]);
    expect(upstreams.hits("caller")).toBe(5);
  });

  it("of a rate makes calls wait for their turns", async ({ expect }) => {
    const { results } = await retrieve(server.origin, { requests: calls("paced", 4) });

    expect(codes(results)).toEqual(["ok", "ok", "ok", "ok"]);
  });

  it("of a rate refuses at once what would come too late", async ({ expect }) => {
    const { results, duration_ms } = await retrieve(server.origin, { requests: calls("slow", 2) });

    expect(codes(results)).toEqual(["ok", "quota-exceeded"]);
    expect(results.find((result) => "error" in result)).toMatchObject({ attempts: 0 });
    expect(duration_ms).toBeLessThan(20_000);
  });

  it("survives a restart", async ({ expect }) => {
    await server.restart();
    const { results } = await retrieve(server.origin, { requests: calls("caller", 1) });
    expect(codes(results)).toEqual(["quota-exceeded"]);
  });
});

describe("the example of README.md", () => {
  const call = (path: string, more = {}) => ({ upstream: "example", path, ...more });

  it("opens to strangers one repository, for reading, and says so", async ({ expect }) => {
    expect(EXAMPLE).toMatchObject({ public: true, daily_calls: expect.any(Number) });
    expect(/^paths = .*# (.*)$/m.exec(README)?.[1]).toMatch(/^opened to callers with the token's/);
    const requests = [
      call("/user"),
      call("/repos/you/other/contents"),
      call("/repos/you/site/../other/contents"),
      call("/repos/you/site/%2e%2e/other/contents"),
      call("/repos/you/site/issues", { method: "POST", json: {} }),
      call("/repos/you/site/issues", { query: { access_token: "x" } }),
      call("/repos/you/site/issues", { headers: { authorization: "Bearer x" } }),
      call("/repos/you/site/issues", { headers: { "x-original-url": "/user" } }),
    ];
    const { errors } = await refusal(server.origin, { requests });
    expect(new Set(errors?.map(({ pointer }) => /\d+/.exec(pointer)?.[0])).size).toBe(8);
  });

  it("is bounded for each stranger, whatever they send at once", async ({ expect }) => {
    const path = "/repos/you/site/issues";
    const pages = Array.from({ length: 20 }, (_, page) => call(path, { query: { page } }));
    const { results } = await retrieve(server.origin, { requests: pages });
    const refused = results.filter((result) => "error" in result);
    expect(refused.map(({ error }) => error.code)).toEqual(Array(10).fill("quota-exceeded"));
    const sent = upstreams.requests.filter((request) => request.path.startsWith(path));
    expect(sent).toHaveLength(10);
    expect(sent.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
  });
});
