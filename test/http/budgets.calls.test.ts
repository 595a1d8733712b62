// The requests that calls of callers without a token send, each of which counts.
import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi, type MockInstance } from "vitest";
import { Table } from "../../src/durable-objects/table";
import { waitFor } from "../support/wait-for";
import { AUTHORIZATION, post } from "../support/worker";

let spend: MockInstance<Table["spend"]>;
let sent: string[];

beforeEach(() => {
  sent = [];
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2040, 0, 10, 12) });
  spend = vi.spyOn(Table.prototype, "spend");
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const { pathname } = new URL(new Request(input).url);
    sent.push(pathname);
    const hops = Number(/^\/hops\/(\d)/.exec(pathname)?.[1] ?? 0);
    if (hops > 0) return Response.redirect(`https://a.example/hops/${hops - 1}`, 302);
    const headers = { "Retry-After": "0" };
    return new Response("x", pathname === "/busy" ? { status: 503, headers } : {});
  });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

interface Reply {
  results: { status: string; attempts: number; error?: { code: string } }[];
}

async function call(paths: readonly string[], daily: string, fields = {}): Promise<Reply> {
  const requests = paths.map((path) => ({ url: `https://a.example${path}`, retries: 2 }));
  const headers = { "CF-Connecting-IP": "192.0.2.1" };
  const vars = { ANONYMOUS_DAILY: daily };
  const response = await post("/external-api", { requests, ...fields }, headers, vars);
  return response.json();
}

/** Requests that are counted of all callers together. */
function counted(): Promise<unknown> {
  return runInDurableObject(env.TABLES.getByName("callers"), (_, { storage }) => {
    const rows = storage.sql.exec("SELECT calls FROM callers WHERE caller = ''").toArray();
    return rows[0]?.["calls"] ?? 0;
  });
}

describe("what a call without a token costs of the day", () => {
  it("is one for each request that it sends, redirects and retries included", async ({
    expect,
  }) => {
    await call(["/x", "/hops/3", "/busy"], "calls=100");
    expect(sent).toHaveLength(1 + 4 + 3);
    await waitFor(async () => expect(await counted()).toBe(8));
  });

  it("is asked for in one request of an object where each call sends one", async ({ expect }) => {
    await call(["/x", "/y", "/z"], "calls=100");
    await waitFor(async () => expect(await counted()).toBe(3));
    expect(spend).toHaveBeenCalledTimes(1);
  });

  it("is nothing for a call that was not sent", async ({ expect }) => {
    const { results } = await call([], "calls=100", {
      requests: [
        { url: "https://a.example/busy", retries: 0 },
        { after: ["0"], url: "https://a.example/x" },
        { url: "https://127.0.0.1/" },
      ],
    });
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    await waitFor(async () => expect(await counted()).toBe(1));
  });

  it("ends a call in the middle once the budget is spent, and no other request", async ({
    expect,
  }) => {
    const { results } = await call(["/hops/5"], "calls=3");
    expect(results).toMatchObject([{ status: "rejected", error: { code: "quota-exceeded" } }]);
    expect(sent).toHaveLength(3);
    await waitFor(async () => expect(await counted()).toBe(3));
  });

  it("is bounded for all callers together, in further invocations too", async ({ expect }) => {
    const paths = Array.from({ length: 20 }, () => "/hops/2");
    const { results } = await call(paths, "total_calls=30");
    expect(sent).toHaveLength(30);
    const codes = results.map(({ error }) => error?.code);
    expect(codes.filter((code) => code === "quota-exceeded").length).toBeGreaterThan(0);
    await waitFor(async () => expect(await counted()).toBe(30));
  });

  it("is one for a request of which nothing was sent, since asking costs as well", async ({
    expect,
  }) => {
    await call([], "calls=9", {
      urls: ["https://127.0.0.1/", "https://127.0.0.2/"],
      requests: undefined,
    });
    await waitFor(async () => expect(await counted()).toBe(1));
  });

  it("is nothing for calls that further invocations were to make and did not", async ({
    expect,
  }) => {
    const requests = Array.from({ length: 20 }, (_, n) => ({
      url: n % 2 ? "https://a.example/x" : "https://127.0.0.1/",
    }));
    await call([], "calls=50", { requests });
    expect(sent).toHaveLength(10);
    await waitFor(async () => expect(await counted()).toBe(10));
  });

  it("is nothing for holders of a token", async ({ expect }) => {
    const vars = { ANONYMOUS_DAILY: "calls=0" };
    const request = { urls: ["https://a.example/hops/2"] };
    expect((await post("/external-api", request, { ...AUTHORIZATION }, vars)).status).toBe(200);
    expect(spend).not.toHaveBeenCalled();
  });

  it("is refused while what counts it cannot be asked for", async ({ expect }) => {
    spend.mockResolvedValueOnce({ status: "spent" }).mockRejectedValue(new Error("away"));
    const { results } = await call(["/hops/1"], "calls=9");
    expect(results).toMatchObject([{ status: "rejected", error: { code: "quota-exceeded" } }]);
    expect(sent).toHaveLength(1);
  });
});
