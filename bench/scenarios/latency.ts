// How long /process-data takes while batches run beside it. Here all objects share one thread with the
// Worker; deployed, each has its own place, so that this is the worst that can happen.
import { batchShot, submit, untilOver } from "../lib/batches.ts";
import { bundleWorker } from "../lib/bundle.ts";
import { Client, type Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, serentak } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { quantile } from "../lib/statistics.ts";

const BATCH_COUNTS = [0, 20, 50];
const ITEMS = 10_000;
/** How long each number of batches is kept running, an ended one replaced by the next. */
const LOAD_MS = 5000;
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
  async run(_: Effort): Promise<Report> {
    const samples = await measure();
    return {
      head: ["batches beside it", "requests", "p50 ms", "p99 ms", "max ms"],
      rows: [...samples].map(([count, ms]) => [
        String(count),
        String(ms.length),
        ...[0.5, 0.99, 1].map((share) => quantile(ms, share).toFixed(2)),
      ]),
      targets: [],
      notes: ["All objects share one thread with the Worker here; deployed, they do not."],
      samples: Object.fromEntries([...samples].map(([count, ms]) => [`${count} batches`, ms])),
    };
  },
};

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

/** Latencies while so many batches run. */
async function beside(count: number, client: Client, submitter: Client): Promise<number[]> {
  const shot = batchShot(ITEMS);
  let isOver = false;
  const lanes = Array.from({ length: count }, async () => {
    while (!isOver) await untilOver(submitter, await submit(submitter, shot), ITEMS);
  });
  const ms: number[] = [];
  for (const endsAt = performance.now() + LOAD_MS; performance.now() < endsAt;) {
    const startedAt = performance.now();
    await client.send(SHOT);
    ms.push(performance.now() - startedAt);
  }
  isOver = true;
  await Promise.all(lanes);
  return ms;
}
