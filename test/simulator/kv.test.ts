// KV of the simulator: late, with misses kept, and with an end to each day.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it } from "vitest";
import { simulate, type World } from ".";

const NOON = Date.UTC(2027, 0, 10, 12);
const MINUTE_MS = 60_000;

let world: World;
beforeEach(() => void (world = simulate({ now: NOON })));
afterEach(() => world.restore());

describe("what readers see", () => {
  it("shows a write to nobody before a minute has passed", async ({ expect }) => {
    await env.USERS.put("a", "1");
    expect((await env.USERS.list()).keys).toEqual([]);
    world.advance(MINUTE_MS);
    expect(await env.USERS.get("a")).toBe("1");
    expect((await env.USERS.list()).keys).toEqual([{ name: "a" }]);
  });

  it("keeps a miss for a minute, although the value is there by then", async ({ expect }) => {
    await env.USERS.put("a", "1");
    world.advance(MINUTE_MS - 1);
    expect(await env.USERS.get("a")).toBeNull();
    world.advance(MINUTE_MS - 1);
    expect(await env.USERS.get("a")).toBeNull();
    world.advance(1);
    expect(await env.USERS.get("a")).toBe("1");
  });

  it("keeps what a read saw for as long as the read says", async ({ expect }) => {
    world.kv.seed("USERS", [["a", "old"]]);
    await env.USERS.put("a", "new");
    world.advance(MINUTE_MS - 1);
    expect(await env.USERS.get("a", { cacheTtl: 30 })).toBe("old");
    world.advance(29_000);
    expect(await env.USERS.get("a")).toBe("old");
    world.advance(1000);
    expect(await env.USERS.get("a")).toBe("new");
  });

  it("shows what was deleted for a minute, and lists it", async ({ expect }) => {
    world.kv.seed("USERS", [["a", "1"]]);
    await env.USERS.delete("a");
    expect(await env.USERS.get("a")).toBe("1");
    expect((await env.USERS.list()).keys).toHaveLength(1);
    world.advance(MINUTE_MS);
    expect(await env.USERS.get("a")).toBeNull();
    expect((await env.USERS.list()).keys).toEqual([]);
  });

  it("tells a test at once what will be published in the end", async ({ expect }) => {
    world.kv.seed("USERS", [["gone", "1"]]);
    await env.USERS.delete("gone");
    await env.USERS.put("a", "1", { metadata: { n: 1 } });
    expect([...world.kv.published("USERS")]).toEqual([
      ["a", { value: "1", metadata: { n: 1 }, expiresAt: null }],
    ]);
    expect(world.kv.published("TASKS").size).toBe(0);
  });

  it("forgets a value at the end of its lifetime, and keeps the local namespace apart", async ({
    expect,
  }) => {
    await env.USERS.put("a", "1", { expirationTtl: 120 });
    world.advance(119_999);
    expect((await env.USERS.list()).keys).toEqual([{ name: "a", expiration: NOON / 1000 + 120 }]);
    world.advance(1);
    expect((await env.USERS.list()).keys).toEqual([]);
    expect(world.kv.published("USERS").size).toBe(0);
    await env.USERS.put("b", "1");
    world.restore();
    expect(await env.USERS.get("b")).toBeNull();
    world = simulate();
  });
});

describe("values", () => {
  it("reads every type, with metadata, one by one and a hundred at once", async ({ expect }) => {
    world.kv.seed("USERS", [["json", '{"n":1}', { m: 1 }]]);
    await env.USERS.put("bytes", new Uint8Array([1, 2]));
    await env.USERS.put("stream", new Response("text").body ?? "");
    world.advance(MINUTE_MS);
    expect(await env.USERS.get("json", "json")).toEqual({ n: 1 });
    expect(await env.USERS.get("bytes", "arrayBuffer")).toEqual(new Uint8Array([1, 2]).buffer);
    expect(await new Response(await env.USERS.get("stream", { type: "stream" })).text()).toBe(
      "text",
    );
    expect(await env.USERS.getWithMetadata("json", "json")).toEqual({
      value: { n: 1 },
      metadata: { m: 1 },
      cacheStatus: null,
    });
    expect(await env.USERS.get(["json", "nothing"], "json")).toEqual(
      new Map([
        ["json", { n: 1 }],
        ["nothing", null],
      ]),
    );
    expect(await env.USERS.getWithMetadata(["json"], "json")).toEqual(
      new Map([["json", { value: { n: 1 }, metadata: { m: 1 } }]]),
    );
  });

  it("lists in pages, in the order of keys", async ({ expect }) => {
    world.kv.seed("USERS", [
      ["b2", "", { n: 2 }],
      ["c", ""],
      ["b1", ""],
      ["bß", ""],
    ]);
    const first = await env.USERS.list({ prefix: "b", limit: 2 });
    expect(first).toMatchObject({ keys: [{ name: "b1" }, { name: "b2", metadata: { n: 2 } }] });
    if (first.list_complete) throw new Error("There is more");
    const rest = await env.USERS.list({ prefix: "b", cursor: first.cursor });
    expect(rest).toEqual({ keys: [{ name: "bß" }], list_complete: true, cacheStatus: null });
  });

  it("refuses exactly what the local platform refuses, in its words", async ({ expect }) => {
    const long = "x".repeat(600);
    const attempts = {
      empty: () => env.USERS.get(""),
      dots: () => env.USERS.put("..", "a"),
      "long key": () => env.USERS.get(long),
      "long key, put": () => env.USERS.put(long, "a"),
      "long key, deleted": () => env.USERS.delete(long),
      "long prefix": () => env.USERS.list({ prefix: long }),
      metadata: () => env.USERS.put("a", "b", { metadata: "ä".repeat(520) }),
      "largest metadata": () => env.USERS.put("m", "b", { metadata: "x".repeat(1022) }),
      large: () => env.USERS.put("a", new Uint8Array(25 * 1024 * 1024 + 1)),
      "short lifetime": () => env.USERS.put("a", "b", { expirationTtl: 59 }),
      "no lifetime": () => env.USERS.put("a", "b", { expirationTtl: 0 }),
      past: () => env.USERS.put("a", "b", { expiration: 10 }),
      soon: () => env.USERS.put("a", "b", { expiration: NOON / 1000 + 10 }),
      "short cache": () => env.USERS.get("a", { cacheTtl: 29 }),
      "no keys": () => env.USERS.get([]),
      "many keys": () => env.USERS.get(Array.from({ length: 101 }, (_, n) => `${n}`)),
      "long key of several": () => env.USERS.get([long]),
      "empty key of several": () => env.USERS.get([""]),
      "long page": () => env.USERS.list({ limit: 1001 }),
      "not json": async () => {
        await env.USERS.put("n", "{");
        world.advance(MINUTE_MS);
        return env.USERS.get("n", "json");
      },
    };
    const refusals = async () => {
      const texts: Record<string, string | null> = {};
      for (const [name, attempt] of Object.entries(attempts)) {
        texts[name] = await attempt().then(
          () => null,
          (error: unknown) => String(error),
        );
      }
      return texts;
    };
    const simulated = await refusals();
    world.restore();
    world = simulate({ now: NOON });
    // Real methods under the same clock.
    const stand = { ...Object.getOwnPropertyDescriptors(env.USERS) };
    for (const name of Object.keys(stand)) Reflect.deleteProperty(env.USERS, name);
    try {
      expect(simulated).toEqual({ ...(await refusals()), soon: simulated["soon"] });
    } finally {
      Object.defineProperties(env.USERS, stand);
    }
    expect(simulated["soon"]).toMatch(/at least 60 seconds in the future\.$/);
  });
});

describe("limits", () => {
  it("takes one write a second for a key", async ({ expect }) => {
    await env.USERS.put("a", "1");
    world.advance(999);
    await expect(env.USERS.put("a", "2")).rejects.toThrow("KV PUT failed: 429 Too Many Requests");
    await expect(env.USERS.delete("a")).rejects.toThrow("KV DELETE failed: 429 Too Many Requests");
    await env.USERS.put("b", "1");
    await env.TASKS.put("a", "1");
    world.advance(1);
    await env.USERS.put("a", "2");
    expect(world.counts()).toMatchObject({ kvWrites: 4, kvRefused: 2 });
    expect(world.counts("TASKS")).toMatchObject({ kvWrites: 1, kvRefused: 0 });
  });

  it("takes a thousand writes a day of all namespaces, until 00:00 UTC", async ({ expect }) => {
    for (let n = 0; n < 500; n += 1) {
      await env.USERS.put(`${n}`, "1");
      await env.TASKS.put(`${n}`, "1");
    }
    const refusal = "KV put() limit exceeded for the day.";
    await expect(env.USERS.put("more", "1")).rejects.toThrow(refusal);
    await env.USERS.delete("other");
    world.advance(world.midnight - NOON - 1);
    await expect(env.USERS.put("more", "1")).rejects.toThrow(refusal);
    world.advance(1);
    await env.USERS.put("more", "1");
  });

  it.for([
    ["kvReads", "get", () => env.USERS.get(["a", "b", "c"])],
    ["kvDeletes", "delete", () => env.USERS.delete("a")],
    ["kvLists", "list", () => env.USERS.list()],
  ] as const)("ends %s for the day", async ([quota, method, operate], { expect }) => {
    await operate();
    expect(world.counts()[quota]).toBe(quota === "kvReads" ? 3 : 1);
    world.spend(quota);
    world.advance(1000);
    await expect(operate()).rejects.toThrow(`KV ${method}() limit exceeded for the day.`);
    world.jumpToMidnight();
    await operate();
  });

  it("fails where a test says so: before, or after it took effect", async ({ expect }) => {
    const refused = world.kv.fail({ how: "refused", operation: "put", nth: 2 });
    const lost = world.kv.fail({ how: "reply-lost", binding: "TASKS", key: "t" });
    await env.USERS.put("a", "1");
    await expect(env.USERS.put("b", "1")).rejects.toThrow("KV PUT failed: 503 Service Unavailable");
    await env.USERS.put("c", "1");
    await expect(env.TASKS.put("t", "1")).rejects.toThrow("503");
    expect([...world.kv.published("USERS").keys()]).toEqual(["a", "c"]);
    expect(world.kv.published("TASKS").has("t")).toBe(true);
    expect([refused.struck, lost.struck]).toEqual([1, 1]);
  });

  it("cannot be reached for as long as a test says", async ({ expect }) => {
    const until = NOON + MINUTE_MS;
    const outage = world.kv.fail({ how: "refused", times: Infinity, until });
    await expect(env.USERS.get("a")).rejects.toThrow("KV GET failed: 503");
    await expect(env.USERS.list()).rejects.toThrow("KV GET failed: 503");
    world.advance(MINUTE_MS);
    expect(await env.USERS.get("a")).toBeNull();
    expect(outage.struck).toBe(2);
  });
});
