// Batches whose object restarts in any step, or cannot write for hours: each comes to its end, what must not be done
// twice is not, and the results tell what was done.
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { readBatch, readResults, startBatch, texts, urls } from "../support/jobs";
import { codeOf } from "../support/results";
import { AUTHORIZATION } from "../support/worker";
import { onTheRealPlatform } from "./platforms";
import type { World } from "../simulator";
import type { Fault } from "../simulator/faults";

const HOUR_MS = 60 * 60_000;
const ITEMS = 12;

// A slice that waits for its storage ends soon.
Object.assign(env, { BATCH_SLICE_MS: "300" });

/** A batch, and what must hold of each of its items: the times that it was sent, and its result. */
interface Flow {
  readonly flow: string;
  readonly body: Record<string, unknown>;
  /** Times that an item may be sent at most. */
  readonly most: number;
}

const posts = () => urls(ITEMS).map((url) => ({ url, method: "POST", json: 1 }));

const FLOWS: readonly Flow[] = [
  { flow: "texts", body: { operation: "uppercase", items: texts(ITEMS), then: "count" }, most: 0 },
  { flow: "GETs", body: { operation: "external-api", items: urls(ITEMS) }, most: Infinity },
  { flow: "POSTs", body: { operation: "external-api", items: posts() }, most: 1 },
  {
    flow: "POSTs that may be repeated",
    body: { operation: "external-api", items: posts(), options: { max_attempts: 3 } },
    most: 3,
  },
];

/** Answers calls, and notes under which keys each item was sent. */
function watchCalls(world: World, onCall: (count: number) => void = () => undefined) {
  const keys = new Map<string, (string | null)[]>();
  let count = 0;
  world.answer(({ url, headers }) => {
    keys.set(url, [...(keys.get(url) ?? []), headers.get("Idempotency-Key")]);
    onCall((count += 1));
    return Response.json({ url });
  });
  return keys;
}

/** What does not hold of a batch that has ended. */
async function faultsOf(id: string, { most }: Flow, keys: ReadonlyMap<string, unknown[]>) {
  const { status, succeeded, failed, failed_by_code } = await readBatch(id);
  const { results } = await readResults(id);
  const faults = results.flatMap((result) => {
    const { index, status: state, attempts } = result;
    const code = codeOf(result);
    const sent = keys.get(`https://up.example/?n=${index}`) ?? [];
    const isTold = state === "succeeded" || code === "interrupted";
    if (!isTold) return [`${index} is ${state}: ${String(code)}`];
    if (sent.length > most) return [`${index} was sent ${sent.length} times`];
    // A GET that a crash cut off is repeated and not counted.
    if (most < Infinity && sent.length > attempts) return [`${index} tells ${attempts} attempts`];
    return new Set(sent).size > 1 ? [`${index} was sent under several keys`] : [];
  });
  const isWhole = results.length === ITEMS && succeeded + failed === ITEMS;
  const isCut = failed > 0 && most !== 1;
  return [
    ...faults,
    ...(status === "completed" && isWhole ? [] : [`it is ${status}, ${succeeded} + ${failed}`]),
    ...(isCut ? [`it failed: ${JSON.stringify(failed_by_code)}`] : []),
  ];
}

const WAYS: readonly { way: string; order: (world: World, nth: number) => Fault }[] = [
  {
    way: "before a call",
    order: ({ objects }, nth) => objects.fail({ how: "restart", binding: "JOBS", nth }),
  },
  {
    way: "after a call, whose reply is lost",
    order: ({ objects }, nth) => objects.fail({ how: "reply-lost", binding: "JOBS", nth }),
  },
  {
    way: "while it writes",
    order: ({ storage }, nth) => storage.fail({ how: "crash", binding: "JOBS", nth }),
  },
];

onTheRealPlatform((worldOfTest) => {
  describe.each(WAYS)("an object that restarts $way", ({ order }) => {
    it.for(FLOWS)("ends a batch of $flow", async (flow, { expect }) => {
      const world = worldOfTest();
      let steps = 0;
      for (let isStruck = true; isStruck; steps += 1) {
        const keys = watchCalls(world);
        const fault = order(world, steps + 1);
        const { id } = await startBatch(flow.body, AUTHORIZATION);
        await world.settled();
        await world.elapse(HOUR_MS);
        expect(await faultsOf(id, flow, keys), `step ${steps}`).toEqual([]);
        isStruck = fault.struck > 0;
        fault.end();
      }
      // The last one was struck by nothing.
      expect(steps).toBeGreaterThan(2);
    });
  });

  describe("storage that takes no writes for hours", () => {
    it.for(FLOWS.filter(({ most }) => most > 0))(
      "lets a batch of $flow wait",
      async (flow, { expect }) => {
        const world = worldOfTest();
        let refusing: Fault | null = null;
        const keys = watchCalls(world, (count) => {
          if (count !== ITEMS / 2) return;
          const until = Date.now() + 6 * HOUR_MS;
          refusing = world.storage.fail({
            how: "refused",
            binding: "JOBS",
            times: Infinity,
            until,
          });
        });
        const options = { ...Object(flow.body["options"]), concurrency: 2 };
        const { id } = await startBatch({ ...flow.body, options }, AUTHORIZATION);
        await expect.poll(() => Object(refusing).struck).toBeGreaterThan(0);
        // An object that waits in memory does not stay there.
        await world.objects.restart("JOBS", `batch:${id}`);
        await world.elapse(5 * HOUR_MS);
        expect(await readBatch(id)).toMatchObject({ status: "running" });
        // Nothing is sent whose start cannot be kept.
        if (flow.most < Infinity) expect(keys.size).toBeLessThan(ITEMS);
        await world.elapse(HOUR_MS);
        await readBatch(id);
        await world.elapse(HOUR_MS);
        expect(await faultsOf(id, flow, keys)).toEqual([]);
      },
    );
  });
});
