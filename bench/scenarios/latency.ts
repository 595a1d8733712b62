// How long /process-data takes while batches run beside it. Here all objects share one thread with the
// Worker; deployed, each has its own place, so that this is the worst that can happen.
import { batchShot, submit, untilOver } from "../lib/batches.ts";
import { bundleWorker } from "../lib/bundle.ts";
import { Client, type Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, serentak } from "../lib/peers.ts";
import type { Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { quantile } from "../lib/statistics.ts";

const BATCH_COUNTS = [0, 20, 50];
const ITEMS = 10_000;
/** Times that so many batches are submitted at once. */
const REPEATS = 3;
const IDLE_REQUESTS = 1000;
const WARM_UP_REQUESTS = 500;

const SHOT: Shot = {
  method: "POST",
  path: "/process-data",
  headers: { "Content-Type": "application/json", Origin: ORIGIN },
  body: JSON.stringify({ items: ["a", "b", "c"], operation: "uppercase" }),
};

/** Quantiles of the latency that one caller sees. */
export const latency: Scenario = {
  name: "latency",
  title: "Latency of POST /process-data, one caller, beside batches of 10,000 texts",
  async run(): Promise<Report> {
    const samples = await measure();
    return {
      head: ["batches beside it", "requests", "p50 ms", "p99 ms", "max ms"],
      rows: [...samples].map(toRow),
      targets: [],
      notes: ["All objects share one thread with the Worker here; deployed, they do not."],
      samples: Object.fromEntries([...samples].map(([count, ms]) => [`${count} batches`, ms])),
    };
  },
};

function toRow([count, ms]: [number, readonly number[]]): string[] {
  const quantiles = [0.5, 0.99, 1].map((share) => quantile(ms, share).toFixed(2));
  return [String(count), String(ms.length), ...quantiles];
}

async function measure(): Promise<Map<number, number[]>> {
  const outside = await openOutside();
  const { name, folder, bindings } = serentak(outside);
  const server = await startServer(bundleWorker(name, folder), bindings);
  const [client, submitter] = [new Client(server.port, 1), new Client(server.port, 64)];
  try {
    await client.fire(SHOT, WARM_UP_REQUESTS, 200);
    const samples = new Map<number, number[]>();
    for (const count of BATCH_COUNTS) samples.set(count, await beside(count, client, submitter));
    return samples;
  } finally {
    for (const each of [client, submitter, outside]) each.close();
    await server.stop();
  }
}

/** Latencies from the submission of so many batches until the last of them is over. */
async function beside(count: number, client: Client, submitter: Client): Promise<number[]> {
  const shot = batchShot(ITEMS);
  const ms: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    let isOver = false;
    const batches = Array.from({ length: count }, async () =>
      untilOver(submitter, await submit(submitter, shot), ITEMS),
    );
    const all = Promise.all(batches).finally(() => {
      isOver = true;
    });
    for (let sent = 0; count === 0 ? sent < IDLE_REQUESTS : !isOver; sent += 1) {
      const startedAt = performance.now();
      await client.send(SHOT);
      ms.push(performance.now() - startedAt);
    }
    await all;
  }
  return ms;
}
