// Small batches, which the register keeps whole until they are steered: whatever restarts in which step, each is there,
// listed and complete from its 202 on, and gone for good once it is deleted.
import { it, vi } from "vitest";
import { isKeptId } from "../../src/domain/batches/kept-batch";
import { batchJob } from "../../src/runtime/jobs";
import { KeptRows } from "../../src/storage/kept-batches";
import { env } from "cloudflare:workers";
import { readBatch, readResults, startBatch } from "../support/jobs";
import { deleteBatches, listBatches, listedStates } from "../support/register";
import { send } from "../support/worker";
import { call, onEachPlatform, onTheRealPlatform, textIn } from "./platforms";
import type { World } from "../simulator";
import type { Fault } from "../simulator/faults";

const HOUR_MS = 60 * 60_000;
/** The second item fails, each time that it is run. */
const BATCH = { operation: "uppercase", items: ["a", 1, { id: "third", item: "c" }] };

/** Results of the batch, in order. */
const outcomesOf = async (id: string) =>
  (await readResults(id, "?input=true")).results.map((result) => [
    result.id,
    result.input,
    "output" in result ? result.output : result.status,
  ]);
const OUTCOMES = [
  [undefined, "a", "A"],
  [undefined, 1, "failed"],
  ["third", "c", "C"],
];

/** The whole life of a batch, as its user sees it. Repeats nothing that a 2xx was answered to. */
async function liveThrough(world: World, removal: Removal): Promise<unknown[]> {
  const seen: unknown[] = [];
  const made = await call("POST", "/batch-process", BATCH, { "Idempotency-Key": "key" });
  const { id }: { id: string } = JSON.parse(await textIn(made, 202));
  const url = `/batch-process/${id}`;
  const look = async () => {
    const { status, run, label, succeeded, failed } = await readBatch(id);
    const [listed] = (await listBatches()).batches;
    seen.push({ status, run, label, succeeded, failed, outcomes: await outcomesOf(id) });
    seen.push([listed?.id === id, listed?.status, listed?.label, listed?.run]);
  };
  await look();
  await textIn(await call("PATCH", url, { label: "x" }), 200);
  await world.settled();
  await look();
  await textIn(await call("POST", `${url}/retry`), 202);
  await world.settled();
  await look();
  const before = new Date(Date.now() + HOUR_MS).toISOString();
  const removed = await (removal === "alone"
    ? send(url, { method: "DELETE" })
    : deleteBatches({ status: "completed", before }));
  seen.push(removed.status, await removed.text(), (await send(url)).status, await listedStates());
  return seen;
}

const LIFE = [{ run: 1 }, { run: 1, label: "x" }, { run: 2, label: "x" }].flatMap(
  ({ run, label = null }) => [
    { status: "completed", run, label, succeeded: 2, failed: 1, outcomes: OUTCOMES },
    [true, "completed", label, run],
  ],
);

type Removal = "alone" | "with others";

const WAYS: readonly {
  readonly way: string;
  readonly removal: Removal;
  readonly order: (world: World, nth: number) => Fault;
}[] = [
  {
    way: "before a call",
    removal: "with others",
    order: ({ objects }, nth) => objects.fail({ how: "restart", nth }),
  },
  {
    way: "after a call, whose reply is lost",
    removal: "alone",
    order: ({ objects }, nth) => objects.fail({ how: "reply-lost", nth }),
  },
  {
    way: "while the register writes",
    removal: "with others",
    order: ({ storage }, nth) => storage.fail({ how: "crash", binding: "TABLES", nth }),
  },
  {
    way: "while the job writes",
    removal: "alone",
    order: ({ storage }, nth) => storage.fail({ how: "crash", binding: "JOBS", nth }),
  },
];

onEachPlatform((worldOfTest) => {
  it("no object is made for a small batch, not even to be read and deleted", async ({ expect }) => {
    const world = worldOfTest();
    const { id } = await startBatch(BATCH);
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    expect((await readBatch(id)).status).toBe("completed");
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
    await world.settled();
    const asked = world.objects.calls().filter(({ binding }) => binding === "JOBS");
    expect(asked.map(({ method }) => method)).toEqual(["remove", "summary"]);
    expect(await world.nextAlarm("JOBS")).toBeNull();
  });

  it("a small batch is there until it expires, and then nothing is left", async ({ expect }) => {
    const world = worldOfTest();
    const { id } = await startBatch(BATCH);
    await world.elapse(6 * 24 * HOUR_MS);
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    expect(await listedStates()).toEqual([[id, "completed"]]);
    await world.elapse(24 * HOUR_MS);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
    expect(await listedStates()).toEqual([]);
    await world.elapse(24 * HOUR_MS);
    expect(await world.nextAlarm("TABLES", "JOBS")).toBeNull();
  });

  it("a small batch is changed and deleted in the version that was read", async ({ expect }) => {
    worldOfTest();
    const [changed, deleted] = [await startBatch(BATCH), await startBatch(BATCH)];
    const tagOf = async (id: string) =>
      (await send(`/batch-process/${id}`)).headers.get("ETag") ?? "";
    const tag = await tagOf(changed.id);
    const change = (label: string) =>
      call("PATCH", `/batch-process/${changed.id}`, { label }, { "If-Match": tag });
    expect((await change("x")).status).toBe(200);
    expect((await change("y")).status).toBe(412);
    const remove = (etag: string) =>
      call("DELETE", `/batch-process/${deleted.id}`, undefined, { "If-Match": etag });
    expect((await remove('"other"')).status).toBe(412);
    expect((await remove(await tagOf(deleted.id))).status).toBe(204);
    expect(await listedStates()).toEqual([[changed.id, "completed"]]);
  });

  it("the id of a batch is random, and of the version that says so", async ({ expect }) => {
    const bodies = [BATCH, { ...BATCH, then: "count" }];
    for (const body of [...bodies, ...bodies, ...bodies]) {
      const { id } = await startBatch(body);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(isKeptId(id)).toBe(!("then" in body));
    }
  });
});

onTheRealPlatform((worldOfTest) => {
  // Every other way of deletion, so that each is met by calls and by writes that fail.
  it.for(WAYS)(
    "an object that restarts $way changes nothing in the life of a batch",
    async ({ order, removal }, { expect }) => {
      const world = worldOfTest();
      let steps = 0;
      for (let isStruck = true; isStruck; steps += 1) {
        const fault = order(world, steps + 1);
        const removed = removal === "alone" ? [204, ""] : [200, '{"deleted":1}'];
        const seen = await liveThrough(world, removal);
        expect(seen, `step ${steps}`).toEqual([...LIFE, ...removed, 404, []]);
        isStruck = fault.struck > 0;
        fault.end();
        world.advance(2 * 24 * HOUR_MS);
      }
      expect(steps).toBeGreaterThan(3);
    },
  );

  it("a batch is read and listed while no job can be reached", async ({ expect }) => {
    const world = worldOfTest();
    world.objects.fail({ how: "overloaded", binding: "JOBS", times: Infinity });
    const { id } = await startBatch(BATCH, { Prefer: "wait=5" });
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    expect(await listedStates()).toEqual([[id, "completed"]]);
  });

  it("a batch that the register cannot be asked for is not told to be gone", async ({ expect }) => {
    const world = worldOfTest();
    const { id } = await startBatch(BATCH);
    const where = { name: "batches", binding: "TABLES" } as const;
    const fault = world.objects.fail({ how: "overloaded", ...where, times: Infinity });
    expect((await send(`/batch-process/${id}`)).status).toBe(503);
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(503);
    expect((await send(`/batch-process/${id}/retry`, { method: "POST" })).status).toBe(503);
    fault.end();
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
  });

  it("a batch that was changed is shown so, also where no report of it arrives", async ({
    expect,
  }) => {
    const world = worldOfTest();
    const { id } = await startBatch(BATCH);
    const fault = world.objects.fail({ how: "overloaded", method: "report", times: Infinity });
    await textIn(await call("PATCH", `/batch-process/${id}`, { label: "x" }), 200);
    expect(await readBatch(id)).toMatchObject({ label: "x" });
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    fault.end();
    await world.elapse(HOUR_MS);
    expect((await listBatches()).batches).toMatchObject([{ id, label: "x" }]);
  });

  it("a small batch becomes a job where the register has no room", async ({ expect }) => {
    const world = worldOfTest();
    vi.spyOn(KeptRows.prototype, "isFull", "get").mockReturnValue(true);
    const { id } = await startBatch(BATCH);
    await world.settled();
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    expect(await listedStates()).toEqual([[id, "completed"]]);
    expect(await world.nextAlarm("JOBS")).not.toBeNull();
    vi.restoreAllMocks();
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
  });

  it("a batch that was handed over, and not stored by its job, is there", async ({ expect }) => {
    worldOfTest();
    const { id } = await startBatch(BATCH);
    const register = env.TABLES.getByName("batches");
    await register.handOver(id, true);
    expect(await outcomesOf(id)).toEqual(OUTCOMES);
    expect(await batchJob(env, id).act("retry")).toMatchObject({ isDone: true });
  });
});
