// Transient refusals of the platform: told as 503 with a Retry-After, and over once the platform recovers.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { nextMidnight } from "../../src/lib/next-midnight";
import {
  call,
  create,
  KINDS,
  type Kind,
  list,
  onTheRealPlatform,
  shownIn,
  textIn,
  USERS,
} from "./platforms";

const HOUR_MS = 60 * 60_000;

/** Every request that a record can be sent, by what it needs. */
function requestsOf({ kind, body, field }: Kind, id: string) {
  const reads: [string, () => Promise<Response>][] = [
    ["GET", () => call("GET", `/${kind}/${id}`)],
    ["GET of the list", () => call("GET", `/${kind}`)],
  ];
  const writes: [string, () => Promise<Response>][] = [
    ["POST", () => call("POST", `/${kind}`, body())],
    ["POST with a key", () => call("POST", `/${kind}`, body(), { "Idempotency-Key": "a-key" })],
    ["PATCH", () => call("PATCH", `/${kind}/${id}`, { [field]: "Changed" })],
    ["DELETE", () => call("DELETE", `/${kind}/${id}`)],
  ];
  return { reads, writes };
}

/** Seconds of Retry-After in a 503. */
async function waitOf(response: Response): Promise<number> {
  const problem: unknown = JSON.parse(await textIn(response, 503));
  if (Reflect.get(Object(problem), "code") !== "unavailable") throw new Error("Another code");
  return Number(response.headers.get("Retry-After"));
}

onTheRealPlatform((worldOfTest) => {
  describe.each(KINDS)("the table of $kind", (kind) => {
    it("is asked once where it is overloaded, and the caller told to wait", async ({ expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      const fault = world.objects.fail({ how: "overloaded", binding: "TABLES", times: Infinity });
      const { reads, writes } = requestsOf(kind, id);
      for (const [name, send] of [...reads, ...writes]) {
        const before = world.objects.calls().length;
        expect(await waitOf(await send()), name).toBeGreaterThan(0);
        expect(world.objects.calls().length - before, name).toBe(1);
      }
      fault.end();
      await shownIn(await call("GET", `/${kind.kind}/${id}`), 200);
    });

    it("is unavailable up to 00:00 UTC once the day's requests of objects are spent", async ({
      expect,
    }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      world.spend("objectRequests");
      const { reads, writes } = requestsOf(kind, id);
      const untilMidnight = Math.ceil((nextMidnight(Date.now()) - Date.now()) / 1000);
      for (const [name, send] of [...reads, ...writes])
        expect(await waitOf(await send()), name).toBe(untilMidnight);
      world.jumpToMidnight();
      for (const [, send] of reads) await textIn(await send(), 200);
    });

    it("is read on once the day's rows are spent, and written again after 00:00 UTC", async ({
      expect,
    }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      world.spend("rowsWritten");
      const { reads, writes } = requestsOf(kind, id);
      const untilMidnight = Math.ceil((nextMidnight(Date.now()) - Date.now()) / 1000);
      for (const [name, send] of writes)
        expect(await waitOf(await send()), name).toBe(untilMidnight);
      for (const [, send] of reads) await textIn(await send(), 200);
      await world.objects.restart("TABLES", kind.kind);
      for (const [, send] of reads) await textIn(await send(), 200);
      world.jumpToMidnight();
      expect(await list(kind.kind)).toMatchObject([{ id, version: 1 }]);
      for (const [name, send] of writes) expect((await send()).ok, name).toBe(true);
    });

    it("cannot be asked while it was never filled and KV is away, and then can", async ({
      expect,
    }) => {
      const world = worldOfTest();
      const fault = world.kv.fail({ how: "refused", times: Infinity });
      const { reads, writes } = requestsOf(kind, crypto.randomUUID());
      for (const [name, send] of [...reads, ...writes])
        expect(await waitOf(await send()), name).toBeGreaterThan(0);
      fault.end();
      await create(kind);
    });

    it.for([
      { it: "lives on", doesRestart: false },
      { it: "restarts", doesRestart: true },
    ])(
      "goes on after hours without writes through which it $it",
      async ({ doesRestart }, { expect }) => {
        const world = worldOfTest();
        const { id } = await create(kind);
        await world.settled();
        // The state at the start of the outage: KV is down, and an alarm is set for the next attempt.
        const away = world.kv.fail({ how: "refused", times: Infinity });
        const waiting = await create(kind);
        await world.settled();
        away.end();
        const until = Date.now() + 6 * HOUR_MS;
        world.storage.fail({ how: "refused", binding: "TABLES", times: Infinity, until });
        await world.elapse(HOUR_MS);
        expect(await world.nextAlarm("TABLES")).toBeNull();
        if (doesRestart) await world.objects.restart("TABLES", kind.kind);
        const { reads, writes } = requestsOf(kind, id);
        for (const [name, send] of writes)
          expect(await waitOf(await send()), name).toBeGreaterThan(0);
        for (const [, send] of reads) await textIn(await send(), 200);
        await world.elapse(5 * HOUR_MS);

        await shownIn(await call("GET", `/${kind.kind}/${id}`), 200);
        await world.elapse(HOUR_MS);
        expect([...world.kv.published(kind.binding).keys()]).toEqual([id, waiting.id]);
        await create(kind);
        await world.settled();
        expect(world.kv.published(kind.binding).size).toBe(3);
      },
    );

    it("keeps an alarm for what waits, whichever setting of one is refused", async ({ expect }) => {
      const world = worldOfTest();
      await create(kind);
      for (let nth = 1; ; nth += 1) {
        const away = world.kv.fail({ how: "refused", times: Infinity });
        const operation = "setAlarm";
        const fault = world.storage.fail({ how: "refused", binding: "TABLES", operation, nth });
        const response = await call("POST", `/${kind.kind}`, kind.body());
        await world.settled();
        if (response.status !== 201) await waitOf(response);
        else await textIn(response, 201);
        await textIn(await call("GET", `/${kind.kind}`), 200);
        expect(await world.nextAlarm("TABLES"), `nth ${nth}`).not.toBeNull();
        fault.end();
        away.end();
        await world.elapse(HOUR_MS);
        const ids = (await list(kind.kind)).map((entry) => entry.id);
        expect([...world.kv.published(kind.binding).keys()].toSorted()).toEqual(ids.toSorted());
        if (fault.struck === 0) break;
      }
    });
  });

  it("leaves an alarm for what an alarm did not come to, which was given up", async ({
    expect,
  }) => {
    const world = worldOfTest();
    world.spend("kvWrites");
    const { id } = await create(USERS);
    await world.settled();
    // Alarms are requests too: that of 00:00 UTC finds the new day's quota spent already.
    world.jumpToMidnight();
    world.spend("objectRequests");
    await world.elapse(HOUR_MS);
    expect(await world.nextAlarm("TABLES")).toBeNull();
    world.jumpToMidnight();
    await shownIn(await call("GET", `/users/${id}`), 200);
    await world.elapse(HOUR_MS);
    expect([...world.kv.published("USERS").keys()]).toEqual([id]);
    await runInDurableObject(env.TABLES.getByName("users"), (_, { storage }) => {
      expect(storage.sql.exec("SELECT count(*) AS n FROM publications").one()["n"]).toBe(0);
    });
  });
});
