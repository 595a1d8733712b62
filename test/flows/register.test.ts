// The register of batches: what is accepted is listed, once and as it is, whatever restarts or refuses.
import { describe, it } from "vitest";
import { readBatch, startBatch } from "../support/jobs";
import { deleteBatches, listBatches, listedStates } from "../support/register";
import { send } from "../support/worker";
import { call, onEachPlatform, onTheRealPlatform, textIn } from "./platforms";
import type { World } from "../simulator";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const BATCH = { operation: "uppercase", items: ["a", "b"] };
const WITH_JOB = { ...BATCH, then: "count" };
/** Ones that are run before they are stored, whole in the register, and after, by a job. */
const BATCHES = [
  { when: "at once", body: BATCH, reports: 0, removal: "removeKept" },
  { when: "in the background", body: WITH_JOB, reports: 2, removal: "unlist" },
] as const;

/** Lets everything come to its end. */
async function settle(world: World, ms = HOUR_MS): Promise<void> {
  await world.settled();
  await world.elapse(ms);
  await world.settled();
}

onEachPlatform((worldOfTest) => {
  it("forgets a batch together with its job", async ({ expect }) => {
    const world = worldOfTest();
    const { id } = await startBatch(BATCH);
    await settle(world);
    expect(await listedStates()).toEqual([[id, "completed"]]);
    await world.elapse(8 * DAY_MS);
    expect(await listedStates()).toEqual([]);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
    await world.elapse(2 * DAY_MS);
    expect(await world.nextAlarm("TABLES", "JOBS")).toBeNull();
  });

  it("knows a scheduled batch from the first, and how it has ended", async ({ expect }) => {
    const world = worldOfTest();
    const start_at = new Date(Date.now() + DAY_MS).toISOString();
    const { id } = await startBatch({ ...BATCH, options: { start_at } });
    expect(await listedStates()).toEqual([[id, "scheduled"]]);
    await settle(world, 2 * DAY_MS);
    expect((await listBatches()).batches).toMatchObject([
      { id, status: "completed", succeeded: 2 },
    ]);
  });

  it.for(BATCHES)("costs a batch that is run $when few reports", async (batch, { expect }) => {
    const world = worldOfTest();
    await startBatch(batch.body);
    await settle(world);
    const reports = world.objects.calls().filter(({ method }) => method === "report");
    expect(reports).toHaveLength(batch.reports);
  });
});

onTheRealPlatform((worldOfTest) => {
  describe.each(["restart", "reply-lost"] as const)("an object that fails by %s", (how) => {
    const steps = BATCHES.flatMap(({ when, body }) =>
      [1, 2, 3, 4, 5, 6].map((nth) => ({ when, body, nth })),
    );
    it.for(steps)(
      "in step $nth of a batch that is run $when loses none and lists none twice",
      async ({ nth, body }, { expect }) => {
        const world = worldOfTest();
        const fault = world.objects.fail({ how, nth });
        const response = await call("POST", "/batch-process", body, { "Idempotency-Key": "key" });
        const { id }: { id: string } = JSON.parse(await textIn(response, 202));
        expect((await listedStates()).map(([listed]) => listed)).toEqual([id]);
        await settle(world);
        expect(fault.struck).toBeLessThanOrEqual(1);
        expect(await listedStates()).toEqual([[id, "completed"]]);
        expect((await readBatch(id)).status).toBe("completed");
      },
    );

    it("in a report loses no batch", async ({ expect }) => {
      const world = worldOfTest();
      for (const nth of [1, 2, 4])
        world.objects.fail({ how, nth, method: "report", binding: "TABLES" });
      const { id } = await startBatch(BATCH);
      await settle(world);
      expect(await listedStates()).toEqual([[id, "completed"]]);
    });
  });

  it("a batch is accepted and run while the register has too much to do, and then listed", async ({
    expect,
  }) => {
    const world = worldOfTest();
    const where = { name: "batches", binding: "TABLES" } as const;
    const fault = world.objects.fail({ how: "overloaded", ...where, times: Infinity });
    const { id } = await startBatch(BATCH);
    await settle(world, 3 * HOUR_MS);
    expect((await readBatch(id)).status).toBe("completed");
    const asked = world.objects.calls().filter(({ method }) => method === "report").length;
    expect(asked).toBeLessThan(30);
    fault.end();
    await settle(world, DAY_MS);
    expect(await listedStates()).toEqual([[id, "completed"]]);
  });

  it.for(BATCHES)(
    "a batch that is run $when is refused on a day on which it cannot be listed",
    async ({ body }, { expect }) => {
      const world = worldOfTest();
      const where = { name: "batches", binding: "TABLES" } as const;
      world.objects.fail({ how: "over-quota", ...where, times: Infinity, until: world.midnight });
      const response = await call("POST", "/batch-process", body);
      expect(response.status).toBe(503);
      const seconds = Math.ceil((world.midnight - Date.now()) / 1000);
      expect(Number(response.headers.get("Retry-After"))).toBeCloseTo(seconds, -1);
      world.jumpToMidnight();
      expect(await world.nextAlarm("JOBS")).toBeNull();
      expect(await listedStates()).toEqual([]);
    },
  );

  it("a batch is listed after hours in which the register could not write", async ({ expect }) => {
    const world = worldOfTest();
    const start_at = new Date(Date.now() + HOUR_MS).toISOString();
    const { id } = await startBatch({ ...BATCH, options: { start_at } });
    const until = Date.now() + 6 * HOUR_MS;
    world.storage.fail({ how: "refused", binding: "TABLES", times: Infinity, until });
    await settle(world, 2 * HOUR_MS);
    expect(await listedStates()).toEqual([[id, "scheduled"]]);
    await world.objects.restart("JOBS", `batch:${id}`);
    await settle(world, 2 * DAY_MS);
    expect(await listedStates()).toEqual([[id, "completed"]]);
  });

  it("a batch that could not be listed before it expires is kept until it was", async ({
    expect,
  }) => {
    const world = worldOfTest();
    const fault = world.objects.fail({
      how: "overloaded",
      name: "batches",
      binding: "TABLES",
      times: Infinity,
    });
    const { id } = await startBatch(BATCH);
    await settle(world, 8 * DAY_MS);
    expect((await readBatch(id)).status).toBe("completed");
    fault.end();
    await settle(world, DAY_MS);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
    expect(await listedStates()).toEqual([]);
  });

  it.for([
    { method: "removeIn", binding: "JOBS" },
    { method: "unlist", binding: "TABLES" },
    { method: "page", binding: "TABLES" },
    { method: "removeKept", binding: "TABLES" },
  ] as const)("a deletion of many goes on where it broke off: $method", async (at, { expect }) => {
    const world = worldOfTest();
    const body = at.method === "removeKept" ? BATCH : WITH_JOB;
    for (let n = 0; n < 5; n += 1) await startBatch(body);
    await settle(world);
    const query = {
      status: "completed",
      before: new Date(Date.now() + HOUR_MS).toISOString(),
    };
    const fault = world.objects.fail({ how: "overloaded", ...at });
    expect((await deleteBatches(query)).status).toBe(503);
    expect(fault.struck).toBe(1);
    const { deleted } = await (await deleteBatches(query)).json<{ deleted: number }>();
    expect(deleted).toBeGreaterThan(0);
    expect(await listedStates()).toEqual([]);
  });

  it.for(BATCHES)(
    "a deletion of many that were run $when tells how many, also where the reply of the register is lost",
    async ({ body, removal }, { expect }) => {
      const world = worldOfTest();
      for (let n = 0; n < 3; n += 1) await startBatch(body);
      await settle(world);
      const before = new Date(Date.now() + HOUR_MS).toISOString();
      const fault = world.objects.fail({ how: "reply-lost", method: removal });
      const response = await deleteBatches({ status: "completed", before });
      expect(await response.json()).toEqual({ deleted: 3 });
      expect(fault.struck).toBe(1);
    },
  );

  it.for(BATCHES)(
    "a deletion that cannot reach the register leaves the batch that was run $when",
    async ({ body, removal }, { expect }) => {
      const world = worldOfTest();
      const { id } = await startBatch(body);
      await settle(world);
      world.objects.fail({ how: "overloaded", method: removal });
      expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(503);
      expect((await readBatch(id)).status).toBe("completed");
      expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
      expect(await listedStates()).toEqual([]);
      await settle(world, 9 * DAY_MS);
      expect(await world.nextAlarm("JOBS")).toBeNull();
    },
  );
});
