// The simulator's clock and alarms.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { simulate, type World } from ".";
import { installSubject, subject } from "./subject";

const NOON = Date.UTC(2027, 0, 10, 12);
const HOUR_MS = 60 * 60_000;

let world: World;
/** Alarms that fired: name of the object, and seconds after noon. */
let rings: [name: string, seconds: number][];
let onAlarm: (ctx: DurableObjectState, info?: AlarmInvocationInfo) => unknown;
beforeEach(() => {
  rings = [];
  onAlarm = () => undefined;
  installSubject((ctx, info) => {
    rings.push([ctx.id.name ?? "", (Date.now() - NOON) / 1000]);
    return onAlarm(ctx, info);
  });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  world = simulate({ now: NOON });
});
afterEach(async () => {
  await world.end();
  vi.restoreAllMocks();
});

describe("the clock", () => {
  it("stands still, also inside objects, until it is moved", async ({ expect }) => {
    expect(Date.now()).toBe(NOON);
    world.advance(1500);
    expect(new Date().toISOString()).toBe("2027-01-10T12:00:01.500Z");
    await subject("a").keepUntil("1", NOON);
    await world.runAlarms();
    expect(rings).toEqual([["a", 1.5]]);
  });

  it("jumps to the next 00:00 UTC", ({ expect }) => {
    world.jumpToMidnight();
    expect(Date.now()).toBe(NOON + 12 * HOUR_MS);
    world.jumpToMidnight();
    expect(Date.now()).toBe(NOON + 36 * HOUR_MS);
  });

  it("is the real one again afterwards", ({ expect }) => {
    world.restore();
    expect(Date.now()).toBeLessThan(NOON);
  });
});

describe("alarms", () => {
  it("never ring by themselves", async ({ expect }) => {
    await subject("a").keepUntil("1", 1);
    await subject("b").keepUntil("1", NOON);
    // Real alarms of these times would ring before the answers to as many requests.
    for (let n = 0; n < 50; n += 1) await subject("a").kept();
    expect(rings).toEqual([]);
    expect(await subject("b").alarmAt()).toBe(NOON);
    expect(await world.runAlarms()).toBe(2);
    expect(await subject("b").alarmAt()).toBeNull();
  });

  it("ring in order of time, those for now and before", async ({ expect }) => {
    await subject("late").keepUntil("1", NOON - 1);
    await subject("early").keepUntil("1", NOON - 2);
    await subject("future").keepUntil("1", NOON + 1);
    expect(await world.runAlarms("RECORD_WRITERS")).toBe(0);
    expect(await world.runAlarms("JOBS")).toBe(2);
    expect(rings.map(([name]) => name)).toEqual(["early", "late"]);
    expect(await world.nextAlarm()).toBe(NOON + 1);
    expect(world.counts()).toMatchObject({ alarms: 2, alarmsFailed: 0 });
  });

  it("ring at their times while time passes, those that alarms set included", async ({
    expect,
  }) => {
    onAlarm = (ctx) => ctx.storage.setAlarm(Date.now() + 20_000);
    await subject("a").keepUntil("1", NOON + 10_000);
    expect(await world.elapse(60_000)).toBe(3);
    expect(rings.map(([, seconds]) => seconds)).toEqual([10, 30, 50]);
    expect(Date.now()).toBe(NOON + 60_000);
  });

  it("follow the object: set again, deleted, rolled back", async ({ expect }) => {
    await subject("again").keepUntil("1", NOON + 1000);
    await subject("again").keepUntil("1", NOON + 3000);
    await subject("rolled back").keepUntil("1", NOON + 2000);
    await subject("deleted").keepUntil("1", NOON + 2500);
    await runInDurableObject(env.JOBS.getByName("rolled back"), (_, { storage }) => {
      const change = () => {
        void storage.setAlarm(NOON + 500);
        void storage.setAlarm(NOON + 9000);
        throw new Error("Rolled back.");
      };
      expect(() => storage.transactionSync(change)).toThrow("Rolled back.");
    });
    await runInDurableObject(env.JOBS.getByName("deleted"), (_, { storage }) =>
      storage.deleteAlarm(),
    );
    await world.elapse(5000);
    expect(rings).toEqual([
      ["rolled back", 2],
      ["again", 3],
    ]);
  });

  it("survive a restart of their object", async ({ expect }) => {
    await subject("a").keepUntil("1", NOON + 1000);
    await world.objects.restart("JOBS", "a");
    await world.elapse(1000);
    expect(rings).toEqual([["a", 1]]);
  });

  it("are repeated six times when the handler throws, ever more seldom, and then are gone", async ({
    expect,
  }) => {
    const retries: (number | undefined)[] = [];
    onAlarm = (_, info) => {
      retries.push(info?.retryCount);
      throw new Error("The handler fails.");
    };
    await subject("a").keepUntil("1", NOON);
    await world.elapse(HOUR_MS);
    expect(rings.map(([, seconds]) => seconds)).toEqual([0, 2, 6, 14, 30, 62, 126]);
    expect(retries).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await subject("a").alarmAt()).toBeNull();
    expect(world.counts()).toMatchObject({ alarms: 7, alarmsFailed: 7, alarmsDropped: 1 });
  });

  it("are not repeated where a handler that throws has set another one", async ({ expect }) => {
    onAlarm = async (ctx) => {
      if (rings.length > 1) return;
      await ctx.storage.setAlarm(NOON + 50_000);
      throw new Error("The handler fails.");
    };
    await subject("a").keepUntil("1", NOON);
    await world.elapse(HOUR_MS);
    expect(rings.map(([, seconds]) => seconds)).toEqual([0, 50]);
  });

  it("ring in vain, and are gone, while the day's requests are used up", async ({ expect }) => {
    await subject("a").keepUntil("1", NOON);
    world.spend("objectRequests");
    await world.elapse(HOUR_MS);
    expect(rings).toEqual([]);
    expect(world.counts().alarmsDropped).toBe(1);
    world.jumpToMidnight();
    expect(await world.runAlarms()).toBe(0);
  });

  it("come to rest, or the test fails", async ({ expect }) => {
    world.restore();
    world = simulate({ now: NOON, maxRings: 20 });
    onAlarm = (ctx) => ctx.storage.setAlarm(Date.now());
    await subject("a").keepUntil("1", NOON);
    await expect(world.runAlarms()).rejects.toThrow("do not come to rest: more than 20 rang");
    expect(rings).toHaveLength(21);
  });
});
