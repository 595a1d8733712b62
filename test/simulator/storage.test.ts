// Storage of objects in the simulator: rows are counted, writes can be refused or end in a crash.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { DurableObject, env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Job } from "../../src/worker";
import { simulate, type World } from ".";
import { installSubject, subject } from "./subject";

let world: World;
beforeEach(() => {
  installSubject(() => undefined);
  world = simulate();
});
afterEach(async () => {
  await world.end();
  vi.restoreAllMocks();
});

/** The error of a call. A stub's promise must not be passed to `expect`, which loses a part of it. */
async function failureOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "It succeeded.";
  } catch (error) {
    return String(error);
  }
}

const REFUSAL = "Exceeded allowed rows written in Durable Objects free tier.";

describe("rows", () => {
  it("are counted as the platform bills them, alarms set included", async ({ expect }) => {
    await subject("a").keep("1");
    world.resetCounts();
    await subject("a").keep("2");
    expect(world.counts("JOBS")).toMatchObject({ rowsWritten: 1, objectRequests: 1 });
    world.resetCounts();
    await subject("a").keepUntil("3", Date.now() + 1000);
    expect(world.counts().rowsWritten).toBe(2);
    world.resetCounts();
    expect(await subject("a").kept()).toHaveLength(3);
    const { rowsRead, rowsWritten } = world.counts();
    expect(rowsRead).toBeGreaterThanOrEqual(3);
    expect(rowsWritten).toBe(0);
  });

  it("of key-value storage are counted by keys", async ({ expect }) => {
    await subject("a").kept();
    world.resetCounts();
    await runInDurableObject(env.JOBS.getByName("a"), async (_, { storage }) => {
      storage.kv.put("a", 1);
      storage.kv.get("a");
      storage.kv.delete("a");
      await storage.put({ b: 1, c: 2 });
      await storage.get(["b", "c"]);
      await storage.delete(["b", "c"]);
    });
    expect(world.counts()).toMatchObject({ rowsWritten: 6, rowsRead: 3, objectRequests: 0 });
  });
});

describe("writes", () => {
  it("are refused for as long as a test says, while reads go on", async ({ expect }) => {
    await subject("a").keep("1");
    const outage = world.storage.fail({ how: "refused", name: "a", times: Infinity });
    expect(await failureOf(() => subject("a").keep("2"))).toContain(REFUSAL);
    expect(await failureOf(() => subject("a").keepUntil("2", Date.now()))).toContain(REFUSAL);
    expect(await subject("a").kept()).toEqual(["1"]);
    expect(await subject("b").keep("1")).toEqual(["1"]);
    outage.end();
    expect(await subject("a").keep("2")).toEqual(["1", "2"]);
    expect(world.counts().writesRefused).toBe(2);
  });

  it("are refused over the day's quota, until 00:00 UTC", async ({ expect }) => {
    world.restore();
    world = simulate({ perDay: { rowsWritten: 5 } });
    for (let n = 0; n < 4; n += 1)
      await subject("a")
        .keep("1")
        .catch(() => undefined);
    const kept = await subject("a").kept();
    expect(await failureOf(() => subject("a").keep("1"))).toContain(REFUSAL);
    expect(await failureOf(() => subject("b").keep("1"))).toContain(REFUSAL);
    world.jumpToMidnight();
    expect(await subject("a").keep("1")).toHaveLength(kept.length + 1);
  });

  it("are refused by promise where the platform's method is asynchronous", async ({ expect }) => {
    await subject("a").kept();
    world.spend("rowsWritten");
    await runInDurableObject(env.JOBS.getByName("a"), async (_, { storage }) => {
      await expect(storage.setAlarm(1)).rejects.toThrow(REFUSAL);
      await expect(storage.put("a", 1)).rejects.toThrow(REFUSAL);
      await expect(storage.deleteAll()).rejects.toThrow(REFUSAL);
      expect(() => storage.kv.put("a", 1)).toThrow(REFUSAL);
      expect(() => storage.sql.exec("WITH x AS (SELECT 1) DELETE FROM kept")).toThrow(REFUSAL);
      expect(storage.sql.exec("SELECT 'insert into' AS a").toArray()).toHaveLength(1);
      expect(await storage.get("a")).toBeUndefined();
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  it("end in a crash that takes what was not committed with it", async ({ expect }) => {
    await subject("a").keep("1");
    const crash = world.storage.fail({ how: "crash", operation: "setAlarm" });
    expect(await failureOf(() => subject("a").keepUntil("2", Date.now()))).toContain(
      "reset the object",
    );
    expect(crash.struck).toBe(1);
    expect(await subject("a").kept()).toEqual(["1"]);
    expect(await subject("a").remembered()).toBe(0);
    expect(await subject("a").alarmAt()).toBeNull();
  });

  it("of a constructor are refused too", async ({ expect }) => {
    world.restore();
    const base: object = Object.getPrototypeOf(Job);
    class Migrating extends DurableObject<Env> {
      constructor(ctx: DurableObjectState, env: Env) {
        super(ctx, env);
        ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS made (text TEXT)");
      }
    }
    Object.setPrototypeOf(Job, Migrating);
    try {
      world = simulate();
      const fault = world.storage.fail({ how: "refused", binding: "JOBS", name: "a" });
      expect(await failureOf(() => subject("a").remembered())).toContain(REFUSAL);
      expect(fault.struck).toBe(1);
      expect(await subject("a").remembered()).toBe(0);
    } finally {
      await world.end();
      Object.setPrototypeOf(Job, base);
    }
  });
});

it("The end leaves nothing stored, not even by an object that does not run", async ({ expect }) => {
  await subject("a").keep("1");
  await world.objects.restart("JOBS", "a");
  await subject("b").keep("1");
  await evictDurableObject(env.JOBS.getByName("b"));
  await world.end();
  expect(await subject("a").kept()).toEqual([]);
  expect(await subject("b").kept()).toEqual([]);
});
