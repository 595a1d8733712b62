// Server CPU per request of several Workers, measured in turns: whatever else the machine does, and
// however its clock drifts, all of them meet alike.
import { bundleWorker } from "./bundle.ts";
import { type Answer, Client, type Shot } from "./load.ts";
import type { Effort } from "./scenario.ts";
import { startServer, type Server, type ServerBindings } from "./server.ts";

const CONNECTIONS = 16;
const NS_PER_US = 1000;

/** `warmUp`: until the just-in-time compiler has settled, a round says more about it than about the code. */
export type CpuEffort = Effort & { readonly warmUp: number };

/** A Worker that takes part. */
export interface Peer {
  readonly name: string;
  /** Where its `wrangler.toml` lies, relative to the repository. */
  readonly folder: string;
  readonly bindings: ServerBindings;
}

/** What one peer answered and used. */
export interface PeerSamples {
  readonly name: string;
  /** Its answer to the first request, to see that all peers do the same work. */
  readonly answer: Answer;
  /** CPU microseconds per request, one sample a round. */
  readonly cpuUs: number[];
}

/** Runs every peer as a process of its own and fires at one after the other, round by round. */
export async function measureCpu(
  peers: readonly Peer[],
  shot: Shot,
  status: number,
  effort: CpuEffort,
): Promise<PeerSamples[]> {
  const running: Running[] = [];
  try {
    for (const peer of peers) running.push(await startPeer(peer));
    const results: PeerSamples[] = [];
    for (const { name, client, cpuUs } of running) {
      results.push({ name, cpuUs, answer: await client.send(shot) });
    }
    for (const { client } of running) await client.fire(shot, effort.warmUp, status);
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const { server, client, cpuUs } of running) {
        const before = server.cpuNs();
        await client.fire(shot, effort.requests, status);
        cpuUs.push((server.cpuNs() - before) / NS_PER_US / effort.requests);
      }
    }
    return results;
  } finally {
    for (const { client, server } of running) {
      client.close();
      await server.stop();
    }
  }
}

interface Running {
  readonly name: string;
  readonly server: Server;
  readonly client: Client;
  readonly cpuUs: number[];
}

async function startPeer({ name, folder, bindings }: Peer): Promise<Running> {
  const server = await startServer(bundleWorker(name, folder), bindings);
  return { name, server, client: new Client(server.port, CONNECTIONS), cpuUs: [] };
}
