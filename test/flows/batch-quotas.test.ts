// Batches on days whose quotas are spent: those of a caller without a token, and those of the platform. They pause, go on
// by themselves at 00:00 UTC, and no item fails of it.
import { env } from "cloudflare:workers";
import { describe, it, vi } from "vitest";
import { expectProblem } from "../support/problem";
import { readBatch, readResults, startBatch, urls, withoutBackoff } from "../support/jobs";
import { HAS_MAIL_SERVER } from "../support/users";
import { AUTHORIZATION, post } from "../support/worker";
import { KINDS, list, onTheRealPlatform } from "./platforms";
import type { World } from "../simulator";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const STRANGER = { "CF-Connecting-IP": "192.0.2.1" };

// Before anything else reads them.
Object.assign(env, { ANONYMOUS_DAILY: "calls=5" });

/** Answers every call by its number, from 1, and returns how many came on each day. */
function countCalls(world: World, answer: (count: number, request: Request) => Response) {
  const days: Record<number, number> = {};
  const today = Math.floor(Date.now() / DAY_MS);
  let count = 0;
  world.answer((request) => {
    const day = Math.floor(Date.now() / DAY_MS) - today;
    days[day] = (days[day] ?? 0) + 1;
    return answer((count += 1), request);
  });
  return days;
}

const calls = (items: readonly unknown[], options: object = {}) => ({
  operation: "external-api",
  items,
  options,
});

/** Calls that this caller may still make today: as many as are taken one by one. */
async function callsLeft(): Promise<number> {
  for (let made = 0; ; made += 1) {
    const response = await post("/external-api", { urls: ["https://127.0.0.1/"] }, STRANGER);
    await response.text();
    if (response.status === 429) return made;
  }
}

onTheRealPlatform((worldOfTest) => {
  describe("a caller's calls", () => {
    it("are all requests of a batch, which waits for the next days' where they are spent", async ({
      expect,
    }) => {
      withoutBackoff();
      const world = worldOfTest();
      const days = countCalls(world, () => new Response("no", { status: 500 }));
      const { id } = await startBatch(calls(urls(4), { max_attempts: 3 }), STRANGER);
      await world.settled();
      expect(days).toEqual({ 0: 5 });
      expect(await readBatch(id)).toMatchObject({ status: "paused", reason: "quota", pending: 4 });
      await world.elapse(DAY_MS);
      expect(days).toEqual({ 0: 5, 1: 5 });
      expect(await readBatch(id)).toMatchObject({ status: "paused", reason: "quota" });
      await world.elapse(DAY_MS);
      expect(days).toEqual({ 0: 5, 1: 5, 2: 2 });
      expect(await readBatch(id)).toMatchObject({ status: "completed", reason: null, failed: 4 });
      const { results } = await readResults(id);
      expect(results.map(({ attempts }) => attempts)).toEqual([3, 3, 3, 3]);
      vi.restoreAllMocks();
    });

    it("are refusals for flow control and redirects, too", async ({ expect }) => {
      const world = worldOfTest();
      const days = countCalls(world, (count, { url }) => {
        if (count === 1) return new Response("", { status: 429, headers: { "Retry-After": "1" } });
        return url.endsWith("/end") ? Response.json(1) : Response.redirect(`${url}/end`, 302);
      });
      const { id } = await startBatch(calls(["https://up.example/a"]), STRANGER);
      await world.settled();
      await world.elapse(HOUR_MS);
      expect(days).toEqual({ 0: 3 });
      expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 1 });
      expect(await callsLeft()).toBe(2);
    });

    it("that a batch was not to make are given back", async ({ expect }) => {
      const world = worldOfTest();
      const hosts = ["https://127.0.0.1/", "https://127.0.0.2/", "https://127.0.0.3/"];
      await startBatch(calls(hosts), STRANGER);
      await world.settled();
      expect(await callsLeft()).toBe(5);
    });

    it("are not there for a batch of more than are left", async ({ expect }) => {
      countCalls(worldOfTest(), () => Response.json(1));
      const problem = await expectProblem(
        expect,
        await post("/batch-process", calls(urls(6)), STRANGER),
        "quota-exceeded",
      );
      expect(problem).toMatchObject({ quota: "calls" });
      expect(await callsLeft()).toBe(5);
    });

    it("are those of the day on which a batch starts", async ({ expect }) => {
      const world = worldOfTest();
      const days = countCalls(world, () => Response.json(1));
      const start_at = new Date(world.midnight + HOUR_MS).toISOString();
      const { id } = await startBatch(calls(urls(4), { start_at }), STRANGER);
      expect(await callsLeft()).toBe(5);
      await world.elapse(world.midnight + 2 * HOUR_MS - Date.now());
      expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 4 });
      expect(days).toEqual({ 1: 4 });
      expect(await callsLeft()).toBe(1);
    });

    it("are none of a batch that was sent with a token", async ({ expect }) => {
      const world = worldOfTest();
      const days = countCalls(world, () => Response.json(1));
      const { id } = await startBatch(calls(urls(20)), { ...STRANGER, ...AUTHORIZATION });
      await world.settled();
      expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 20 });
      expect(days).toEqual({ 0: 20 });
      expect(await callsLeft()).toBe(5);
    });

    it("are paid by whoever retries", async ({ expect }) => {
      const world = worldOfTest();
      const days = countCalls(world, () => new Response("no", { status: 404 }));
      const { id } = await startBatch(calls(urls(3)), AUTHORIZATION);
      await world.settled();
      const retried = await post(`/batch-process/${id}/retry`, { only: "failed" }, STRANGER);
      expect(retried.status).toBe(202);
      await world.settled();
      expect(days).toEqual({ 0: 6 });
      expect(await callsLeft()).toBe(2);
    });
  });

  describe("a quota of the platform's", () => {
    it.for(KINDS)(
      "that is spent where $kind are kept lets a batch of them wait",
      async ({ kind, body }, { expect }) => {
        const world = worldOfTest();
        const until = world.midnight;
        const fault = world.objects.fail({
          how: "over-quota",
          binding: "TABLES",
          name: kind,
          nth: 12,
          times: Infinity,
          until,
        });
        const items = Array.from({ length: 20 }, body);
        const { id } = await startBatch({ operation: kind, items }, AUTHORIZATION);
        await world.settled();
        expect(fault.struck).toBeGreaterThan(0);
        expect(await readBatch(id)).toMatchObject({ status: "paused", reason: "quota", failed: 0 });
        await world.elapse(until - Date.now() + HOUR_MS);
        expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 20 });
        const { results } = await readResults(id);
        expect(results.every(({ attempts }) => attempts === 1)).toBe(true);
        expect(await list(kind)).toHaveLength(20);
      },
    );

    it("that is spent where budgets are kept lets a batch wait", async ({ expect }) => {
      withoutBackoff();
      const world = worldOfTest();
      const until = world.midnight;
      const days = countCalls(
        world,
        (count) => new Response("", { status: count < 4 ? 500 : 200 }),
      );
      const first = { how: "over-quota", binding: "TABLES", name: "callers", nth: 2 } as const;
      world.objects.fail({ ...first, times: Infinity, until });
      const { id } = await startBatch(calls(urls(2), { max_attempts: 5 }), STRANGER);
      await world.settled();
      expect(await readBatch(id)).toMatchObject({ status: "paused", reason: "quota" });
      expect(days).toEqual({ 0: 2 });
      await world.elapse(until - Date.now() + HOUR_MS);
      expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 2 });
      vi.restoreAllMocks();
    });

    it("that is spent for lanes lets calls wait, and costs no attempt", async ({ expect }) => {
      const world = worldOfTest();
      const until = world.midnight;
      const days = countCalls(world, () => Response.json(1));
      const lanes = { how: "over-quota", binding: "JOBS", method: "openLane", nth: 2 } as const;
      world.objects.fail({ ...lanes, times: Infinity, until });
      const { id } = await startBatch(calls(urls(100)), AUTHORIZATION);
      await world.settled();
      expect(await readBatch(id)).toMatchObject({ status: "paused", reason: "quota", failed: 0 });
      await world.elapse(until - Date.now() + HOUR_MS);
      expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 100 });
      expect((days[0] ?? 0) + (days[1] ?? 0)).toBe(100);
    });
  });

  it("the fifty-first request of an invocation is never sent", async ({ expect }) => {
    const world = worldOfTest();
    world.answer(({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === "/dns-query") return Response.json(HAS_MAIL_SERVER);
      return pathname.length > 3 ? Response.json(1) : Response.redirect(`${url}a`, 302);
    });
    const items = Array.from({ length: 120 }, (_, n) => `https://up${n}.example/`);
    const { id } = await startBatch(calls(items, { concurrency: 12 }), AUTHORIZATION);
    await world.settled();
    await world.elapse(HOUR_MS);
    expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 120 });
    expect(world.counts("fetch" as never)).toMatchObject({ outgoing: 480, outgoingRefused: 0 });
  });
});
