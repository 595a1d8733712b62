// Calls of POST /external-api that need another's result.
import { afterAll, beforeAll, it } from "vitest";

import { refusal, retrieve } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  upstreams = await startUpstreams();
  server = await startWorker({
    UPSTREAMS: JSON.stringify({
      up: { base_url: upstreams.origin, methods: ["GET", "POST"], public: true },
      listed: { base_url: upstreams.origin, paths: ["/echo/*"], public: true },
    }),
  });
});
afterAll(() => Promise.all([server.stop(), upstreams.close()]));

/** A call whose result has a body of this. */
const given = (id: string, body: Record<string, unknown>) => ({
  id,
  url: upstreams.url(`/given?json=${encodeURIComponent(JSON.stringify(body))}`),
});

it("waits for the others, and is made from their results", async ({ expect }) => {
  const requests = [
    {
      id: "last",
      after: ["user", "login"],
      url: upstreams.url("/echo?key=made"),
      method: "POST",
      headers: { authorization: "Bearer {{ login.body.token }}" },
      json: { user: "{{ user.body.id }}", big: "{{ user.body.big }}" },
    },
    given("login", { token: "t0" }),
    { ...given("user", {}), url: upstreams.url('/given?json={"id":7,"big":9007199254740993}') },
  ];

  const { results } = await retrieve(server.origin, { requests });

  expect(results).toMatchObject([
    {
      ok: true,
      body: {
        headers: { authorization: "Bearer t0" },
        body: '{"user":7,"big":"9007199254740993"}',
      },
    },
    { ok: true },
    { ok: true },
  ]);
  const [last, login, user] = results.map(({ started_ms, duration_ms }) => [
    started_ms,
    started_ms + duration_ms,
  ]);
  // Times are rounded to a tenth.
  expect(last?.[0]).toBeGreaterThanOrEqual(Math.max(login?.[1] ?? 0, user?.[1] ?? 0) - 0.2);
});

it("is rejected where one was not ok, and so on", async ({ expect }) => {
  const requests = [
    { id: "a", url: upstreams.url("/fail?status=404") },
    { id: "b", after: ["a"], url: upstreams.url("/echo?key=never-made"), fallback: 1 },
    { id: "c", after: ["b"], url: upstreams.url("/echo?key=never-made") },
  ];

  const reply = await retrieve(server.origin, { requests });

  expect(reply).toMatchObject({ fulfilled: 1, ok: 0, rejected: 2 });
  expect(reply.results).toMatchObject([
    { http_status: 404 },
    { error: { code: "dependency-failed" }, attempts: 0, body: 1, body_type: "json" },
    { error: { code: "dependency-failed" } },
  ]);
  expect(upstreams.hits("never-made")).toBe(0);
});

it("puts a result into a path as one segment", async ({ expect }) => {
  const after = ["a"];
  const requests = [
    given("a", { slash: "a/b", up: "..", text: "t" }),
    { id: "slash", after, upstream: "up", path: "/echo/{{ a.body.slash }}" },
    { id: "up", after, upstream: "up", path: "/echo/{{ a.body.up }}/x" },
    { id: "listed", after, upstream: "listed", path: "/echo/{{ a.body.slash }}" },
    { id: "text", after, upstream: "listed", path: "/echo/{{ a.body.text }}" },
  ];

  const { results } = await retrieve(server.origin, { requests });

  expect(results.slice(1)).toMatchObject([
    { body: { path: "/echo/a%2Fb" } },
    { error: { code: "dependency-failed" } },
    { error: { code: "dependency-failed" } },
    { body: { path: "/echo/t" } },
  ]);
});

it("runs a chain of twenty", async ({ expect }) => {
  const url = upstreams.url("/echo?key=chain-of-calls");
  const requests = Array.from({ length: 20 }, (_, n) => ({
    url,
    ...(n > 0 && { after: [String(n - 1)] }),
  }));

  const reply = await retrieve(server.origin, { requests });

  expect(reply).toMatchObject({ ok: 20 });
  expect(upstreams.hits("chain-of-calls")).toBe(20);
});

it.for<[string, Record<string, unknown>[], string]>([
  ["itself", [{ id: "a", after: ["a"] }], "#/requests/0/after"],
  [
    "each other",
    [
      { id: "a", after: ["b"] },
      { id: "b", after: ["a"] },
    ],
    "#/requests/0/after",
  ],
  ["no call", [{ after: ["nobody"] }], "#/requests/0/after/0"],
])("is refused where calls wait for %s", async ([, calls, pointer], { expect }) => {
  const requests = calls.map((call) => ({ ...call, url: upstreams.url("/echo?key=circle") }));

  const problem = await refusal(server.origin, { requests });

  expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
  expect(problem.errors?.[0]?.pointer).toBe(pointer);
  expect(upstreams.hits("circle")).toBe(0);
});

it("is refused where its expressions cannot be read", async ({ expect }) => {
  const requests = [
    given("a", {}),
    { after: ["a"], url: upstreams.url("/echo"), query: { q: "{{ a[ }}" } },
    { after: ["a"], upstream: "up", path: "/echo/{{ a" },
  ];

  const { errors } = await refusal(server.origin, { requests });

  expect(errors?.map(({ pointer }) => pointer)).toEqual([
    "#/requests/1/query/q",
    "#/requests/2/path",
  ]);
});
