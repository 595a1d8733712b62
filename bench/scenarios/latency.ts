// Measures how long /process-data takes while batches run. Locally all objects share one thread with the
// Worker, which is the worst case: deployed, each runs elsewhere.
import { batchShot, submit, untilOver } from "../lib/batches.ts";
import { Client } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, SERENTAK } from "../lib/peers.ts";
import { startProbe } from "../lib/probe.ts";
import type { Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { quantile } from "../lib/statistics.ts";

const BATCH_COUNTS = [0, 20, 50];
const ITEMS = 10_000;
/** Times that so many batches are submitted at once. */
const REPEATS = 3;
const IDLE_MS = 1000;
const WARM_UP_REQUESTS = 500;
const MAX_SLOWDOWN = 3;

const SHOT = {
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
      targets: BATCH_COUNTS.filter((count) => count > 0).map((count) => ({
        what: `p99 beside ${count} batches ÷ idle p99`,
        atMost: MAX_SLOWDOWN,
        measured: p99(samples, count) / p99(samples, 0),
      })),
      notes: ["All objects share one thread with the Worker here; deployed, they do not."],
      samples: Object.fromEntries([...samples].map(([count, ms]) => [`${count} batches`, ms])),
    };
  },
};

function p99(samples: ReadonlyMap<number, readonly number[]>, count: number): number {
  return quantile(samples.get(count) ?? [], 0.99);
}

function toRow([count, ms]: [number, readonly number[]]): string[] {
  const quantiles = [0.5, 0.99, 1].map((share) => quantile(ms, share).toFixed(2));
  return [String(count), String(ms.length), ...quantiles];
}

async function measure(): Promise<Map<number, number[]>> {
  const outside = await openOutside();
  const server = await startServer(SERENTAK, outside);
  const client = new Client(server.port, 64);
  try {
    await client.fire(SHOT, WARM_UP_REQUESTS, 200);
    const samples = new Map<number, number[]>();
    for (const count of BATCH_COUNTS) {
      const ms: number[] = [];
      for (let repeat = 0; repeat < REPEATS; repeat += 1) {
        ms.push(...(await beside(count, server.port, client)));
      }
      samples.set(count, ms);
    }
    return samples;
  } finally {
    for (const each of [client, outside]) each.close();
    await server.stop();
  }
}

/**
 * Latencies from the submission of so many batches until the last of them is over. The caller has a
 * process of its own, and batches are looked at one after another: fifty looks at once would be a burst of
 * requests, and its price that of those requests.
 */
async function beside(count: number, port: number, client: Client): Promise<readonly number[]> {
  const probe = await startProbe(port, SHOT);
  if (count === 0) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const shot = batchShot(ITEMS);
  const ids = await Promise.all(Array.from({ length: count }, () => submit(client, shot)));
  for (const id of ids) await untilOver(client, id, ITEMS);
  return probe.stop();
}
