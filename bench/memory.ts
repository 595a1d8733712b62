// `npm run memory [-- --seed N --requests N]`: a search for the request that takes most memory. Each is sent to a
// server of its own, freshly started, and measured by how far it lifts the process above idle.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "./lib/load.ts";
import { type Heavy, HeavyRequests, type Listed } from "./lib/memory-requests.ts";
import { openOutside } from "./lib/outside.ts";
import { SERENTAK } from "./lib/peers.ts";
import { startServer } from "./lib/server.ts";
import { resolve } from "node:path";

const MIB = 1024 * 1024;
const MOST_MIB = 64;
const SHOWN = 10;
const POLL_MS = 100;

interface Measured {
  readonly name: string;
  readonly liftMib: number;
  readonly status: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    requests: { type: "string", default: "200" },
  },
});
const catalogue = resolve(import.meta.dirname, "../dist/public/data/operations.json");
// Our own build wrote it.
const { operations } = JSON.parse(readFileSync(catalogue, "utf8")) as { operations: Listed[] };
const outside = await openOutside();
const requests = new HeavyRequests(Number(values.seed), operations, outside.upstream);
const measured: Measured[] = [];
try {
  for (let left = Number(values.requests); left > 0; left -= 1)
    measured.push(await measure(requests.next()));
} finally {
  outside.close();
}

measured.sort((a, b) => b.liftMib - a.liftMib);
for (const { name, liftMib, status, seconds } of measured.slice(0, SHOWN))
  console.log(`+${liftMib.toFixed(0)} MB, ${seconds.toFixed(1)} s, ${status}: ${name}`);
const slowest = measured.toSorted((a, b) => b.seconds - a.seconds)[0];
console.log(`Slowest: ${slowest?.seconds.toFixed(1)} s, ${slowest?.name}`);
const isMissed = (measured[0]?.liftMib ?? Infinity) > MOST_MIB;
console.log(
  `seed ${values.seed}, ${measured.length} requests, ${isMissed ? "over" : "within"} ${MOST_MIB} MB`,
);
if (isMissed) process.exitCode = 1;

async function measure(heavy: Heavy): Promise<Measured> {
  const server = await startServer(SERENTAK, outside);
  const client = new Client(server.port, 1);
  try {
    const warm = JSON.stringify({ items: ["a"], operation: "trim" });
    const { path, headers: given, body } = heavy;
    const json = { "Content-Type": "application/json" };
    await client.send({ method: "POST", path: "/process-data", headers: json, body: warm });
    const idle = server.memory().now;
    const startedAt = performance.now();
    const { status, headers } = await client.send({ method: "POST", path, headers: given, body });
    // A batch goes on after its reply.
    if (status === 202) await untilFinished(client, String(headers["location"]));
    const seconds = (performance.now() - startedAt) / 1000;
    if (status >= 500) console.log(`${status}: ${heavy.name}`);
    return { name: heavy.name, liftMib: (server.memory().peak - idle) / MIB, status, seconds };
  } finally {
    client.close();
    await server.stop();
  }
}

async function untilFinished(client: Client, path: string): Promise<void> {
  for (;;) {
    const { body } = await client.send({ method: "GET", path, headers: {}, body: "" });
    const { finished_at } = JSON.parse(body) as { finished_at: string | null };
    if (finished_at !== null) return;
    await delay(POLL_MS);
  }
}
