// The console for everybody: what axe-core finds, in light, dark and on a phone; and by keyboard alone.
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";

import { startChromium } from "../../support/node/chromium";
import { type ConsolePage, openConsole, openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { type Serentak, startSerentak } from "../../support/node/serentak";
import { startUpstreams, type Upstreams } from "../../support/node/upstreams";

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 360, height: 740 } },
};

let server: Serentak;
let upstreams: Upstreams;
let dns: DnsResolver;
let browser: Browser;

beforeAll(async () => {
  [upstreams, dns, browser] = await Promise.all([
    startUpstreams(),
    startDnsResolver(),
    startChromium(),
  ]);
  const channels = { gone: { type: "ntfy", url: upstreams.url("/fail?status=410") } };
  server = await startSerentak({ DNS_RESOLVER_URL: dns.url, CHANNELS: JSON.stringify(channels) });
});
afterAll(() => Promise.all([server.stop(), upstreams.close(), dns.close(), browser.close()]));

/** What axe-core objects to, one line each. */
async function objections(page: Page): Promise<string[]> {
  // Not as a script element, which the page's policy would refuse.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.join(" | ")}`);
}

/** Brings each job to a state with as much to see as possible, a refusal included. */
const SCENES: readonly ((view: ConsolePage) => Promise<void>)[] = [
  async (view) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("URL 2", { exact: true }).fill(upstreams.url("/fail?status=404"));
    await job.getByLabel("URL 3", { exact: true }).fill("http://192.0.2.1/");
    await job.getByText("Options").click();
    await job.getByRole("button", { name: "Ask them all" }).click();
    await job.getByText("as fast as one after another").waitFor();
    await job.locator("summary.call").first().click();
  },
  async (view) => {
    const job = await view.open("Transform");
    await job.getByLabel("Operation 1").selectOption("truncate");
    await job.getByRole("alert").getByText("does not fit").waitFor();
  },
  async (view) => {
    const job = await view.open("Transform");
    await job.getByLabel("Operation 1").selectOption("json_parse");
    await job.getByRole("table").waitFor();
  },
  async (view) => {
    const job = await view.open("Sign up");
    await job.getByLabel("Name").fill("Ada");
    await job.getByLabel("E-mail").fill(`ada-${crypto.randomUUID()}@gmial.com`);
    await job.getByRole("button", { name: "Sign up" }).click();
    await job.getByText("Did you mean").waitFor();
    await job.getByRole("table").waitFor();
    await job.getByRole("button", { name: "Sign up" }).click();
    await job.getByRole("alert").getByText("already registered").first().waitFor();
  },
  async (view) => {
    const job = await view.open("Tasks");
    await job.getByLabel("Title").fill("Order the paper");
    await job.getByLabel("Channels to tell").fill("gone");
    await job.getByRole("button", { name: "File the task" }).click();
    await job.getByText("failed", { exact: true }).waitFor();
    await job.getByRole("button", { name: "Start" }).click();
    await job.getByText("in progress", { exact: true }).first().waitFor();
  },
  async (view) => {
    const job = await view.open("Batches");
    await job.getByText("Options").click();
    await job.getByLabel("What to do").selectOption("operations");
    await job.getByLabel("Operation 1").selectOption("json_parse");
    await job.getByLabel("Items", { exact: true }).fill('{"a":1}\nnot json');
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByRole("button", { name: "Retry the failed" }).waitFor();
    await job.getByRole("table").waitFor();
  },
];

describe.for(Object.keys(LOOKS))("in %s", (look) => {
  it("axe-core has no objection to any job, and nothing sticks out sideways", async ({
    expect,
  }) => {
    const view = await openConsole(browser, server.origin, LOOKS[look]);
    await view.giveToken();
    for (const scene of SCENES) {
      await scene(view);
      expect(await objections(view.page)).toEqual([]);
      const excess = await view.page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(excess).toBeLessThanOrEqual(0);
    }
    await view.close();
  });
});

it("a job is done by keyboard alone", async ({ expect }) => {
  const view = await openConsole(browser, server.origin);
  const { keyboard } = view.page;

  await keyboard.press("Tab");
  await keyboard.press("Enter");
  const focused = (): Promise<string> =>
    view.page.evaluate(() => document.activeElement?.textContent ?? "");
  expect(await focused()).toBe("Ask many APIs at once");
  while ((await focused()) !== "Ask them all") await keyboard.press("Tab");
  await keyboard.press("Enter");

  await view.page.getByText("as fast as one after another").waitFor();
  await view.close();
});

it("the API reference opens without complaints and asks nobody else", async ({ expect }) => {
  const view = await openPage(browser, `${server.origin}/docs`);

  await view.page.getByText("/external-api", { exact: false }).first().waitFor();

  expect(view.complaints).toEqual([]);
  expect([...view.origins]).toEqual([server.origin]);
  await view.close();
});
