// Everything that the console is tried out with: a Worker, what it calls, and a browser.
import type { Browser } from "playwright-core";

import { startChromium } from "./chromium";
import { type DnsResolver, startDnsResolver } from "./dns-resolver";
import { type Serentak, startSerentak } from "./serentak";
import { startUpstreams, type Upstreams } from "./upstreams";
import { until } from "./until";

/** Surroundings of the console. */
export interface ConsoleWorld {
  readonly server: Serentak;
  readonly upstreams: Upstreams;
  readonly dns: DnsResolver;
  readonly browser: Browser;
  /** Creates a record, or a batch, by its route. */
  create(path: "/users" | "/tasks" | "/batch-process", record: object): Promise<void>;
  /** Waits until so many notifications have failed. */
  untilFailed(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it all. The channel `ops` is told of tasks, `deaf` takes no message. */
export async function startConsoleWorld(): Promise<ConsoleWorld> {
  const [upstreams, dns, browser] = await Promise.all([
    startUpstreams(),
    startDnsResolver(),
    startChromium(),
  ]);
  const channels = {
    ops: { type: "ntfy", url: upstreams.url("/echo"), events: ["task.*"] },
    deaf: { type: "ntfy", url: upstreams.url("/fail?status=400&delivery=abort-message") },
  };
  const server = await startSerentak({
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
    browser,
    stop: async () => {
      await Promise.all([server.stop(), upstreams.close(), dns.close(), browser.close()]);
    },
  };
}
