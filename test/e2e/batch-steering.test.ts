// Two clients steer one batch at random, while the power is cut: states, counts and results never contradict each
// other, and in the end the batch can be brought to its end.
import { afterAll, beforeAll, it } from "vitest";

import { readBatch, readResults, submit, untilOver, type Batch } from "../support/node/batches";
import { type Serentak, startWorker } from "../support/node/serentak";
import { until } from "../support/node/until";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { createRandom, type Random } from "../support/random";

const ITEMS = 80;
/** Every so many-th item fails. */
const FAILING = 8;
const KILLS = 2;
const STEPS_BETWEEN_KILLS = 30;

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  upstreams = await startUpstreams();
  server = await startWorker();
});
afterAll(() => Promise.all([server.stop(), upstreams.close()]));

const CHOICES = [
  {},
  { only: "failed" },
  { only: "unfinished" },
  { codes: ["upstream-status"] },
  { ids: ["3", "9", "27"] },
] as const;

/** One step of a client: something that the state of the batch may allow or not. */
async function steer(id: string, random: Random): Promise<number> {
  const path = `${server.origin}/batch-process/${id}`;
  const send = async (method: string, url: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    return response.status;
  };
  if (random.chance(0.2))
    return send("PATCH", path, { options: { concurrency: random.between(1, 12) } });
  const action = ["pause", "resume", "cancel", "retry", "retry"][random.between(0, 4)] ?? "retry";
  const choice = CHOICES[random.between(0, CHOICES.length - 1)];
  return send("POST", `${path}/${action}`, action === "retry" ? choice : {});
}

/** What contradicts itself in a batch; empty if nothing does. */
function faultsOf(batch: Batch): string[] {
  const { status, total, succeeded, failed, pending, finished_at, failed_by_code } = batch;
  const byCode = Object.values(Object(failed_by_code)).reduce<number>((a, b) => a + Number(b), 0);
  return [
    ...(succeeded + failed + pending === total ? [] : ["counts do not add up"]),
    ...(byCode === failed ? [] : ["codes do not add up"]),
    ...(status === "completed" && (pending > 0 || finished_at === null) ? ["not complete"] : []),
    ...(["running", "queued"].includes(status) && finished_at !== null ? ["over and running"] : []),
  ];
}

async function look(id: string): Promise<string[]> {
  const batch = await readBatch(server.origin, id);
  const results = await readResults(server.origin, id);
  const indexes = results.map(({ index }) => index);
  const isAscending = indexes.every((index, at) => at === 0 || index > (indexes[at - 1] ?? 0));
  const wrong = results.filter(
    ({ index, status }) => (status === "failed") !== (index % FAILING === 0),
  );
  return [
    ...faultsOf(batch),
    ...(isAscending ? [] : ["a result twice"]),
    ...wrong.map(({ index }) => `result ${String(index)} is wrong`),
  ];
}

it(
  "Two clients and power cuts leave one batch consistent",
  { timeout: 900_000 },
  async ({ expect }) => {
    const seed = Date.now() % 2 ** 31;
    const context = `seed ${String(seed)}`;
    const items = Array.from({ length: ITEMS }, (_, n) => ({
      id: String(n),
      url: upstreams.url(
        n % FAILING === 0 ? `/status/404?key=s${String(n)}` : `/delay?ms=40&key=s${String(n)}`,
      ),
    }));
    const { id } = await submit(server.origin, {
      operation: "external-api",
      items,
      options: { concurrency: 2 },
      then: "count",
    });
    const statuses = new Set<number>();
    const client = async (random: Random) => {
      for (let step = 0; step < STEPS_BETWEEN_KILLS; step += 1) {
        statuses.add(await steer(id, random));
        expect(await look(id), context).toEqual([]);
      }
    };
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const clients = [1, 2].map((n) => client(createRandom(seed + 10 * kill + n)));
      await Promise.all(clients);
      if (kill === KILLS) break;
      // With a step of each client under way.
      const cut = [3, 4].map((n) => steer(id, createRandom(seed + n)).catch(() => 0));
      await server.kill();
      await Promise.all(cut);
      await server.restart();
    }
    expect([...statuses].filter((status) => ![200, 202, 409].includes(status))).toEqual([]);

    await fetch(`${server.origin}/batch-process/${id}/resume`, { method: "POST" });
    await untilOver(server.origin, id);
    await until(
      async () => {
        await fetch(`${server.origin}/batch-process/${id}/retry`, { method: "POST" });
        return untilOver(server.origin, id);
      },
      ({ pending, finished_at }) => pending === 0 && finished_at !== null,
    );
    expect(await look(id), context).toEqual([]);
    const end = await readBatch(server.origin, id);
    const failed = ITEMS / FAILING;
    expect(end, context).toMatchObject({ succeeded: ITEMS - failed, failed });
    expect(await readResults(server.origin, id)).toHaveLength(ITEMS);
  },
);
