// Requests that an invocation may send: SUBREQUESTS, less here than usual, on a platform that refuses the next one. Redirects,
// attempts and tokens count, in lanes of batches as in channels, and nothing is lost or sent twice for it.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, it } from "vitest";
import { readBatch, readResults, startBatch, withoutBackoff } from "../support/jobs";
import { AUTHORIZATION } from "../support/worker";
import { simulate, type World } from "../simulator";
import { call } from "./platforms";

const HOUR_MS = 60 * 60_000;
const SUBREQUESTS = 10;

const UPSTREAMS = {
  guarded: {
    base_url: "https://guarded.example",
    oauth2: {
      token_url: "https://login.example/token",
      client_id: "someone",
      client_secret: "${CLIENT_SECRET}",
    },
  },
  counted: { base_url: "https://counted.example", methods: ["POST"], daily_calls: 2 },
};

// Before anything else reads them.
Object.assign(env, {
  SUBREQUESTS: String(SUBREQUESTS),
  UPSTREAMS: JSON.stringify(UPSTREAMS),
  CLIENT_SECRET: "not-to-be-told",
});

let world: World;
beforeEach(() => {
  withoutBackoff();
  world = simulate({ perInvocation: { outgoing: SUBREQUESTS } });
});
afterEach(() => world.end());

/** Answers, and counts the requests of each address. */
function answer(respond: (url: URL, nth: number, request: Request) => Response) {
  const counts = new Map<string, number>();
  world.answer((request) => {
    const url = new URL(request.url);
    if (url.pathname === "/dns-query") return dnsAnswer(url);
    const nth = (counts.get(request.url) ?? 0) + 1;
    counts.set(request.url, nth);
    return respond(url, nth, request);
  });
  return counts;
}

/** No domain has a mail server, but each an address: it takes three lookups to find out. */
function dnsAnswer({ searchParams }: URL): Response {
  const isAsked = searchParams.get("type") === "AAAA";
  return Response.json({
    Status: 0,
    ...(isAsked && { Answer: [{ type: 28, data: "2001:db8::1" }] }),
  });
}

async function run(operation: string, items: readonly unknown[], options = {}): Promise<string> {
  const body = { operation, items, options: { concurrency: 48, ...options } };
  const { id } = await startBatch(body, AUTHORIZATION);
  await world.settled();
  await world.elapse(HOUR_MS);
  return id;
}

const sent = () => world.counts("fetch" as never);

/** An address that leads on so many times. */
const hops = (item: number, left: number) => `https://up${item}.example/?left=${left}`;

it("Calls of a batch that are redirected and repeated stay within it", async ({ expect }) => {
  answer((url, nth) => {
    const left = Number(url.searchParams.get("left"));
    if (left > 0) return Response.redirect(url.href.replace(`left=${left}`, `left=${left - 1}`));
    return new Response("{}", { status: nth === 1 ? 500 : 200 });
  });
  const items = Array.from({ length: 120 }, (_, n) => hops(n, n % 6));
  const id = await run("external-api", items, { max_attempts: 2 });
  expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 120 });
  expect(sent().outgoingRefused).toBe(0);
});

it("POSTs of a batch that are redirected are each sent once", async ({ expect }) => {
  const counts = answer((url) => {
    const left = Number(url.searchParams.get("left"));
    if (left === 0) return Response.json({});
    return new Response("", {
      status: 308,
      headers: { Location: url.search.replace(`left=${left}`, `left=${left - 1}`) },
    });
  });
  const items = Array.from({ length: 60 }, (_, n) => ({
    url: hops(n, n % 6),
    method: "POST",
    json: n,
  }));
  const id = await run("external-api", items);
  expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 60 });
  expect(sent().outgoingRefused).toBe(0);
  expect(new Set(counts.values())).toEqual(new Set([1]));
});

it("Tokens that run out are fetched elsewhere, and calls repeated with them count", async ({
  expect,
}) => {
  let token = 0;
  const counts = answer(({ host }, nth, { headers }) => {
    if (host === "login.example")
      return Response.json({
        access_token: `token-${(token += 1)}`,
        expires_in: 3600,
        token_type: "Bearer",
      });
    // Every third call finds its token revoked.
    const isRevoked = nth === 1 && counts.size % 3 === 0;
    const isNew = headers.get("Authorization") === `Bearer token-${token}`;
    return new Response("{}", { status: isRevoked || !isNew ? 401 : 200 });
  });
  const items = Array.from({ length: 60 }, (_, n) => ({ upstream: "guarded", path: `/${n}` }));
  const id = await run("external-api", items, { concurrency: 6 });
  expect(await readBatch(id)).toMatchObject({ status: "completed" });
  expect(token).toBeGreaterThan(1);
  expect(sent().outgoingRefused).toBe(0);
});

it("Lookups of the addresses of users stay within it", async ({ expect }) => {
  answer(() => new Response(""));
  const items = Array.from({ length: 60 }, (_, n) => ({ name: "Ada", email: `ada@d${n}.example` }));
  const id = await run("users", items);
  expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 60 });
  expect(sent()).toMatchObject({ outgoing: 180, outgoingRefused: 0 });
});

it("Lookups of addresses stay within it that could not be looked up before", async ({ expect }) => {
  let isAway = true;
  world.answer(({ url }) => {
    if (isAway) return new Response("", { status: 500 });
    return dnsAnswer(new URL(url));
  });
  const items = Array.from({ length: 60 }, (_, n) => ({ name: "Ada", email: `ada@e${n}.example` }));
  await startBatch({ operation: "users", items }, AUTHORIZATION);
  await world.settled();
  isAway = false;
  world.resetCounts();
  await world.elapse(HOUR_MS);
  expect(sent()).toMatchObject({ outgoing: 180, outgoingRefused: 0 });
});

it("Messages of a channel stay within it", async ({ expect }) => {
  const counts = answer(() => new Response(null, { status: 204 }));
  for (let n = 0; n < 3 * SUBREQUESTS; n += 1) {
    // None of them is attempted before all are there.
    if (n === 0) await call("POST", "/channels/hook/pause");
    await call("POST", "/tasks", { title: `Task ${n}`, notify: ["hook"] });
  }
  await world.settled();
  await call("POST", "/channels/hook/enable");
  await world.settled();
  await world.elapse(HOUR_MS);
  expect(counts.get("https://hook.example/in")).toBe(3 * SUBREQUESTS);
  expect(sent().outgoingRefused).toBe(0);
});

it("Calls of a batch wait for the day on which their upstream takes more", async ({ expect }) => {
  const { midnight } = world;
  await world.elapse(midnight - HOUR_MS / 2 - Date.now());
  const days: boolean[] = [];
  answer(() => {
    days.push(Date.now() >= midnight);
    return Response.json({});
  });
  const items = [1, 2, 3].map((n) => ({ upstream: "counted", path: `/${n}`, method: "POST" }));
  const id = await run("external-api", items);
  expect(days).toEqual([false, false, true]);
  expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 3 });
  const { results } = await readResults(id);
  expect(results.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
});
