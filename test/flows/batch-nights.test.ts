// Batches on a day whose rows are spent, so that not even an alarm can be set: they go on after 00:00 UTC though nobody
// asks for them, whichever row is the last.
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { readBatch, texts, urls } from "../support/jobs";
import { deleteBatches, listedStates } from "../support/register";
import { call, onTheRealPlatform } from "./platforms";
import type { World } from "../simulator";

const HOUR_MS = 60 * 60_000;
const ITEMS = 12;

// A slice that waits for its storage ends soon.
Object.assign(env, { BATCH_SLICE_MS: "300" });

const posts = () => urls(ITEMS).map((url) => ({ url, method: "POST", json: 1 }));

interface Flow {
  readonly flow: string;
  readonly body: object;
  /** Milliseconds after which it is to start. */
  readonly inMs?: number;
  /** Rounds in which it is accepted, at least. */
  readonly accepted?: number;
}

const FLOWS: readonly Flow[] = [
  { flow: "texts", body: { operation: "uppercase", items: texts(ITEMS), then: "count" } },
  {
    flow: "texts, which are run before it is accepted",
    body: { operation: "uppercase", items: texts(ITEMS) },
    accepted: 1,
  },
  { flow: "GETs", body: { operation: "external-api", items: urls(ITEMS) } },
  { flow: "POSTs", body: { operation: "external-api", items: posts() } },
  {
    flow: "texts of a later hour",
    body: { operation: "uppercase", items: texts(ITEMS) },
    inMs: HOUR_MS,
  },
  {
    flow: "calls, whose end is told",
    body: { operation: "external-api", items: urls(ITEMS), notify: ["hook"] },
  },
];

/** Submits a batch. @returns its id, or null if it is refused for today */
async function submit(body: object, inMs = 0): Promise<string | null> {
  const options = { start_at: new Date(Date.now() + inMs).toISOString() };
  const response = await call("POST", "/batch-process", { ...body, ...(inMs > 0 && { options }) });
  const reply: { id: string; code?: string } = JSON.parse(await response.text());
  if (response.status === 202) return reply.id;
  if (response.status !== 503) throw new Error(JSON.stringify(reply));
  return null;
}

/** Forgets what objects have in memory, and lets time pass until the next day has begun. */
async function sleepOver(world: World, id: string | null): Promise<void> {
  await world.settled();
  if (id !== null) await world.objects.restart("JOBS", `batch:${id}`);
  await world.objects.restart("TABLES", "batches");
  await world.elapse(world.midnight + HOUR_MS - Date.now());
  await world.settled();
}

onTheRealPlatform((worldOfTest) => {
  describe.each(FLOWS)("a batch of $flow", ({ body, inMs = 0, accepted: least = 4 }) => {
    it("goes on the next day, whichever row is the last of this one", async ({ expect }) => {
      const world = worldOfTest();
      const told = new Set<string | null>();
      world.answer(({ url, headers }) => {
        if (url.startsWith("https://hook.example/")) told.add(headers.get("webhook-id"));
        return Response.json({});
      });
      let accepted = 0;
      for (let nth = 1, isStruck = true; isStruck; nth += 1) {
        told.clear();
        const until = world.midnight;
        const fault = world.storage.fail({ how: "refused", nth, times: Infinity, until });
        const id = await submit(body, inMs);
        await sleepOver(world, id);
        if (id !== null) {
          accepted += 1;
          // The list is asked first: to read a batch sets it going again.
          expect(await listedStates(), `row ${nth}`).toContainEqual([id, "completed"]);
          expect((await readBatch(id)).status, `row ${nth}`).toBe("completed");
          expect(told.size, `row ${nth}`).toBe("notify" in body ? 1 : 0);
        }
        isStruck = fault.struck > 0;
        fault.end();
      }
      expect(accepted).toBeGreaterThanOrEqual(least);
    });
  });

  it("goes on the next day, after one whose requests of objects are spent", async ({ expect }) => {
    const world = worldOfTest();
    let count = 0;
    world.answer(() => {
      count += 1;
      if (count === ITEMS / 2) world.spend("objectRequests");
      return Response.json({});
    });
    const id = await submit({ operation: "external-api", items: urls(ITEMS) });
    await sleepOver(world, id);
    expect(count).toBeGreaterThanOrEqual(ITEMS);
    expect(await listedStates()).toEqual([[id, "completed"]]);
  });

  it("leaves the list, if its removal with many others was cut off", async ({ expect }) => {
    const world = worldOfTest();
    for (let n = 0; n < 3; n += 1)
      await submit({ operation: "uppercase", items: texts(1), then: "count" });
    await world.settled();
    await world.elapse(HOUR_MS);
    world.objects.fail({ how: "overloaded", method: "unlist" });
    const before = new Date(Date.now() + HOUR_MS).toISOString();
    expect((await deleteBatches({ status: "completed", before })).status).toBe(503);
    expect(await listedStates()).toHaveLength(3);
    await sleepOver(world, null);
    expect(await listedStates()).toEqual([]);
  });
});
