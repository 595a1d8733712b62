// CPU that the first request waits for in a fresh isolate: what parsing and evaluating the script costs.
import { Client, type Shot } from "../lib/load.ts";
import { openOutside, type Outside } from "../lib/outside.ts";
import { type Peer, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { median, pairedDifference, quantile } from "../lib/statistics.ts";

const NS_PER_MS = 1e6;
const BARE = peerOf("bare");
const PEERS = [BARE, peerOf("hono"), SERENTAK];
/** Each takes about a tenth of a second. */
const STARTS_PER_ROUND = 5;
const AIM_MS_ABOVE_BARE = 20;

const SHOT: Shot = {
  method: "POST",
  path: "/process-data",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ items: ["a"], operation: "uppercase" }),
};

/** CPU from the process's start until it has answered once. */
export const startUp: Scenario = {
  name: "start-up",
  title: "Start-up: CPU from the process's start to its first answer",
  async run({ starts }: Effort): Promise<Report> {
    const samples = await measure(starts * STARTS_PER_ROUND);
    return {
      head: ["Worker", "CPU ms", "quartiles", "− bare"],
      rows: PEERS.map(({ name }) => toRow(name, samples)),
      targets: [],
      notes: [
        `The bare Worker's is the runtime's own. Aim: at most ${AIM_MS_ABOVE_BARE} ms above it.`,
      ],
      samples,
    };
  },
};

function toRow(name: string, samples: Readonly<Record<string, readonly number[]>>): string[] {
  const ms = samples[name] ?? [];
  const quartiles = [0.25, 0.75].map((share) => quantile(ms, share).toFixed(1)).join("–");
  const more = pairedDifference(ms, samples[BARE.name] ?? []);
  return [name, median(ms).toFixed(1), quartiles, more.toFixed(1)];
}

/** Starts every peer in turns. */
async function measure(starts: number): Promise<Record<string, number[]>> {
  const outside = await openOutside();
  const samples: Record<string, number[]> = {};
  try {
    for (let start = 0; start < starts; start += 1) {
      for (const peer of PEERS) (samples[peer.name] ??= []).push(await startOnce(peer, outside));
    }
    return samples;
  } finally {
    outside.close();
  }
}

async function startOnce(peer: Peer, outside: Outside): Promise<number> {
  const server = await startServer(peer, outside);
  const client = new Client(server.port, 1);
  try {
    await client.fire(SHOT, 1, 200);
    return server.cpuNs() / NS_PER_MS;
  } finally {
    client.close();
    await server.stop();
  }
}
