// Server CPU per request of several Workers, measured in turns: whatever else the machine does, and
// however its clock drifts, all of them meet alike.
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, Client, type Shot } from "./load.ts";
import type { Outside } from "./outside.ts";
import type { Peer } from "./peers.ts";
import type { Effort } from "./scenario.ts";
import { startServer, type Server } from "./server.ts";

const CONNECTIONS = 16;
const NS_PER_US = 1000;
/** A server that uses less than a fiftieth of this time is idle. */
const IDLE_MS = 100;
const IDLE_NS = 2e6;

/** `warmUp`: until the just-in-time compiler has settled, a round says more about it than about the code. */
export type CpuEffort = Effort & { readonly warmUp: number };

/** Peers that are sent the same, and answer it with the same status. */
export interface Comparison {
  readonly peers: readonly Peer[];
  readonly outside: Outside;
  readonly shot: Shot;
  readonly status: number;
}

/** Measurements of one peer. */
export interface PeerSamples {
  readonly name: string;
  /** Its answer to the first request, to see that all peers do the same work. */
  readonly answer: Answer;
  /** CPU microseconds per request, one sample a round. */
  readonly cpuUs: number[];
}

/**
 * Measures every peer in `effort.starts` processes, one after the other, among which the rounds are
 * shared: two processes of the same code differ by five per cent.
 */
export async function measureCpu(
  comparison: Comparison,
  effort: CpuEffort,
): Promise<PeerSamples[]> {
  const rounds = Math.ceil(effort.rounds / effort.starts);
  const pooled = await measureStart(comparison, { ...effort, rounds });
  for (let start = 1; start < effort.starts; start += 1) {
    const samples = await measureStart(comparison, { ...effort, rounds });
    for (const [at, { cpuUs }] of samples.entries()) pooled[at]?.cpuUs.push(...cpuUs);
  }
  return pooled;
}

/** Runs every peer as a process of its own and fires at one after the other, round by round. */
async function measureStart(
  { peers, outside, shot, status }: Comparison,
  effort: CpuEffort,
): Promise<PeerSamples[]> {
  const running: Running[] = [];
  try {
    for (const peer of peers) running.push(await startPeer(peer, outside));
    const results: PeerSamples[] = [];
    for (const { name, client, cpuUs } of running) {
      results.push({ name, cpuUs, answer: await client.send(shot) });
    }
    for (const { client } of running) await client.fire(shot, effort.warmUp, status);
    for (const { server } of running) await settle(server);
    let before = running.map(({ server }) => server.cpuNs());
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const { client } of running) await client.fire(shot, effort.requests, status);
      // What goes on after the last answer, while the others have their turn, is part of the price.
      const after = running.map(({ server }) => server.cpuNs());
      for (const [at, { cpuUs }] of running.entries()) {
        cpuUs.push(((after[at] ?? 0) - (before[at] ?? 0)) / NS_PER_US / effort.requests);
      }
      before = after;
    }
    return results;
  } finally {
    for (const { client, server } of running) {
      client.close();
      await server.stop();
    }
  }
}

/** Waits until a server has next to nothing left to do of what it was asked for. */
async function settle({ cpuNs }: Server): Promise<void> {
  let used = Infinity;
  while (used > IDLE_NS) {
    const before = cpuNs();
    await delay(IDLE_MS);
    used = cpuNs() - before;
  }
}

interface Running {
  readonly name: string;
  readonly server: Server;
  readonly client: Client;
  readonly cpuUs: number[];
}

async function startPeer(peer: Peer, outside: Outside): Promise<Running> {
  const server = await startServer(peer, outside);
  return { name: peer.name, server, client: new Client(server.port, CONNECTIONS), cpuUs: [] };
}
