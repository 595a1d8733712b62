// A Worker and what it calls: one that many files share, or one of a file's own.
import { type DnsResolver, startDnsResolver } from "./dns-resolver";
import { type Serentak, startWorker } from "./serentak";
import { startUpstreams, type Upstreams } from "./upstreams";
import { until } from "./until";

/** Surroundings of tests that leave the server as it is. */
export interface World {
  readonly server: Pick<Serentak, "origin" | "port" | "output">;
  readonly upstreams: Upstreams;
  readonly dns: DnsResolver;
  /** Creates a record, or a batch, by its route. */
  create(path: "/users" | "/tasks" | "/batch-process", record: object): Promise<void>;
  /** Waits until so many notifications have failed. */
  untilFailed(count: number): Promise<void>;
}

/** Surroundings of one file alone. */
export interface OwnWorld extends World {
  readonly server: Serentak;
  stop(): Promise<void>;
}

let shared: Promise<World> | undefined;

/**
 * The world of all files that one process runs, which ends with it. Whoever shares it names things as nobody else does,
 * and expects no list to be empty.
 */
export function sharedWorld(): Promise<World> {
  return (shared ??= startWorld());
}

/** Starts it all. The channel `ops` is told of tasks, `deaf` takes no message. */
export async function startWorld(): Promise<OwnWorld> {
  const [upstreams, dns] = await Promise.all([startUpstreams(), startDnsResolver()]);
  const channels = {
    ops: { type: "ntfy", url: upstreams.url("/echo"), events: ["task.*"] },
    deaf: { type: "ntfy", url: upstreams.url("/fail?status=400&delivery=abort-message") },
  };
  const server = await startWorker({
    DNS_RESOLVER_URL: dns.url,
    CHANNELS: JSON.stringify(channels),
  });
  const headers = { Authorization: "Bearer dev", "Content-Type": "application/json" };
  const readFailed = async () => {
    const page = await fetch(`${server.origin}/notifications?status=failed`, { headers });
    return ((await page.json()) as { notifications: unknown[] }).notifications.length;
  };
  return {
    create: async (path, record) => {
      const body = JSON.stringify(record);
      const made = await fetch(server.origin + path, { method: "POST", headers, body });
      if (!made.ok) throw new Error(await made.text());
    },
    untilFailed: async (count) => {
      await until(readFailed, (failed) => failed >= count);
    },
    server,
    upstreams,
    dns,
    stop: async () => {
      await Promise.all([server.stop(), upstreams.close(), dns.close()]);
    },
  };
}
