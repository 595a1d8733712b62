// What a deployment uploads, and what its first request waits for.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bundleWorker } from "../lib/bundle.ts";
import { Client, type Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { bind, serentak } from "../lib/peers.ts";
import type { Peer } from "../lib/cpu-rounds.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { median } from "../lib/statistics.ts";

const KIBIBYTE = 1024;
const NS_PER_MS = 1e6;
const MAX_GZIP_KIB = 80;
/** Each start takes about a tenth of a second. */
const SHARE_OF_EFFORT = 0.06;

const SHOT: Shot = {
  method: "POST",
  path: "/process-data",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ items: ["a"], operation: "uppercase" }),
};

/** Bytes of the script, and CPU until it has answered once. */
export const size: Scenario = {
  name: "size",
  title: "Bundle and start-up",
  async run({ rounds }: Effort): Promise<Report> {
    const outside = await openOutside();
    const peers = [bind("bare", outside), bind("hono", outside), serentak(outside)];
    const startMs = await measureStarts(peers, Math.max(3, Math.ceil(rounds * SHARE_OF_EFFORT)));
    outside.close();
    const kib = gzipKib(bundleWorker("serentak", ".").script);
    return {
      head: ["Worker", "KiB", "KiB gzip", "start-up CPU ms", "− bare"],
      rows: peers.map(({ name, folder }) =>
        toRow(name, bundleWorker(name, folder).script, startMs),
      ),
      targets: [{ what: "KiB gzip", atMost: MAX_GZIP_KIB, measured: kib }],
      notes: [
        "Start-up: CPU of a fresh runtime process until it has answered one request; the bare Worker's is the runtime's own.",
        "Tables and documents that are seldom needed are static assets, read when they are.",
      ],
      samples: startMs,
    };
  },
};

function toRow(
  name: string,
  script: string,
  startMs: Readonly<Record<string, readonly number[]>>,
): string[] {
  const ms = median(startMs[name] ?? []);
  const more = ms - median(startMs["bare"] ?? []);
  return [name, ...sizesOf(script), ms.toFixed(1), more.toFixed(1)];
}

async function measureStarts(
  peers: readonly Peer[],
  rounds: number,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const each of peers) (samples[each.name] ??= []).push(await startOnce(each));
  }
  return samples;
}

async function startOnce({ name, folder, bindings }: Peer): Promise<number> {
  const server = await startServer(bundleWorker(name, folder), bindings);
  const client = new Client(server.port, 1);
  await client.fire(SHOT, 1, 200);
  const ms = server.cpuNs() / NS_PER_MS;
  client.close();
  await server.stop();
  return ms;
}

function gzipKib(script: string): number {
  return gzipSync(readFileSync(script)).length / KIBIBYTE;
}

function sizesOf(script: string): string[] {
  return [readFileSync(script).length / KIBIBYTE, gzipKib(script)].map((kib) => kib.toFixed(1));
}
