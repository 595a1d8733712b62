// Everything that the console is tried out with: a Worker, what it calls, and a browser.
import type { Browser } from "playwright-core";
import { startChromium } from "./chromium";
import { type DnsResolver, startDnsResolver } from "./dns-resolver";
import { type Serentak, startSerentak } from "./serentak";
import { startUpstreams, type Upstreams } from "./upstreams";

/** Surroundings of the console. */
export interface ConsoleWorld {
  readonly server: Serentak;
  readonly upstreams: Upstreams;
  readonly dns: DnsResolver;
  readonly browser: Browser;
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
  return {
    server,
    upstreams,
    dns,
    browser,
    stop: async () => {
      await Promise.all([server.stop(), upstreams.close(), dns.close(), browser.close()]);
    },
  };
}
