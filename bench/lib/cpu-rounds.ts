// Server CPU per request of several Workers, measured in turns: whatever else the machine does, and
// however its clock drifts, all of them meet alike.
import { type Bundle, bundleWorker } from "./bundle.ts";
import { type Answer, Client, type Shot } from "./load.ts";
import type { Effort } from "./scenario.ts";
import { startServer, type Server } from "./server.ts";

const CONNECTIONS = 16;
const NS_PER_US = 1000;

/** A Worker that takes part. */
export interface Peer {
  readonly name: string;
  /** Where its `wrangler.toml` lies, relative to the repository. */
  readonly folder: string;
  readonly vars: Readonly<Record<string, string>>;
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
  effort: Effort,
): Promise<PeerSamples[]> {
  const bundles = peers.map(({ name, folder }) => bundleWorker(name, folder));
  const running: Running[] = [];
  try {
    for (const [index, peer] of peers.entries()) {
      running.push(await startPeer(peer, bundles[index], shot));
    }
    // Until the just-in-time compiler has settled, a round says more about it than about the code.
    for (const { client } of running) await client.fire(shot, 2 * effort.requests, status);
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const { server, client, samples } of running) {
        const before = server.cpuNs();
        await client.fire(shot, effort.requests, status);
        samples.cpuUs.push((server.cpuNs() - before) / NS_PER_US / effort.requests);
      }
    }
    return running.map(({ samples }) => samples);
  } finally {
    for (const { client, server } of running) {
      client.close();
      await server.stop();
    }
  }
}

interface Running {
  readonly server: Server;
  readonly client: Client;
  readonly samples: PeerSamples;
}

async function startPeer(peer: Peer, bundle: Bundle | undefined, shot: Shot): Promise<Running> {
  if (bundle === undefined) throw new Error(`No bundle of ${peer.name}`);
  const server = await startServer(bundle, peer.vars);
  const client = new Client(server.port, CONNECTIONS);
  const answer = await client.send(shot);
  return { server, client, samples: { name: peer.name, answer, cpuUs: [] } };
}
