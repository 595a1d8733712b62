// Surroundings of the server during a soak: a resolver, a receiver of notifications, and an upstream, of
// which the last two fail now and then.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { startDnsResolver } from "../dns-resolver";
import { type Receiver, startReceiver } from "../receiver";
import { type Serentak, startWorker } from "../serentak";
import { createRandom } from "../../random";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/** Of messages, the first time they come: a second failure would be retried after five minutes only. */
const REFUSED_MESSAGES = 0.05;
/** Of calls, while the upstream is down. */
const FAILED_CALLS = 0.7;
/** The upstream is up and down in turns of this length. */
const FLAP_MS = 400;

/** The server and everything it talks to. */
export interface World {
  readonly server: Serentak;
  readonly receiver: Receiver;
  /** Ids of messages that were taken with a 2xx. */
  readonly taken: ReadonlySet<string>;
  /** URL of the upstream. */
  readonly upstream: string;
  close(): Promise<void>;
}

/** Starts everything on free ports. */
export async function openWorld(seed: number): Promise<World> {
  const taken = new Set<string>();
  const [dns, upstream, receiver] = await Promise.all([
    startDnsResolver(),
    startFlappingUpstream(seed),
    startMoodyReceiver(seed, taken),
  ]);
  const events = ["user.created", "task.*", "batch.completed"];
  const hook = { type: "webhook", url: receiver.url("hook"), secret: SECRET, events };
  const server = await startWorker({
    DNS_RESOLVER_URL: dns.url,
    CHANNELS: JSON.stringify({ hook }),
  });
  return {
    server,
    receiver,
    taken,
    upstream: upstream.url,
    close: async () => {
      await Promise.all([server.stop(), receiver.close(), dns.close()]);
      upstream.close();
    },
  };
}

/** Refuses a few messages the first time they come. */
function startMoodyReceiver(seed: number, taken: Set<string>): Promise<Receiver> {
  const random = createRandom(seed + 1);
  const seen = new Set<string>();
  return startReceiver([SECRET], {
    hook: (response) => {
      const id = String(response.req.headers["webhook-id"]);
      const isRefused = !seen.has(id) && random.chance(REFUSED_MESSAGES);
      seen.add(id);
      if (!isRefused) taken.add(id);
      response.writeHead(isRefused ? 503 : 204).end();
    },
  });
}

/** Answers, fails with 503 or hangs up, in turns. */
async function startFlappingUpstream(seed: number): Promise<{ url: string; close: () => void }> {
  const random = createRandom(seed + 2);
  const server = createServer((_, response) => {
    const isDown = Math.floor(performance.now() / FLAP_MS) % 2 === 1;
    if (!isDown || !random.chance(FAILED_CALLS)) response.end('{"ok":true}');
    else if (random.chance(0.5)) response.writeHead(503).end();
    else response.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    close: () => server.close().closeAllConnections(),
  };
}
