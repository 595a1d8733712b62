// The example site on an origin of its own: allowed by CORS, and refused.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { startChromium } from "../../support/node/chromium";
import { openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { type Serentak, startSerentak } from "../../support/node/serentak";

const PAGE = new URL("../../../examples/static-site/index.html", import.meta.url);

interface Site {
  readonly origin: string;
  /** The Worker that the page calls. */
  worker: string;
  close(): Promise<void>;
}

/** Serves the page as its README says, but for the address of the Worker. */
async function startSite(): Promise<Site> {
  const page = await readFile(PAGE, "utf8");
  const server = createServer((_, response) => {
    const html = page.replaceAll("http://127.0.0.1:8787", site.worker);
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const site: Site = {
    origin: `http://127.0.0.1:${String(port)}`,
    worker: "",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}

let listed: Site;
let other: Site;
let server: Serentak;
let dns: DnsResolver;
let browser: Browser;

beforeAll(async () => {
  [listed, other, dns, browser] = await Promise.all([
    startSite(),
    startSite(),
    startDnsResolver(),
    startChromium(),
  ]);
  server = await startSerentak({ ALLOWED_ORIGINS: listed.origin, DNS_RESOLVER_URL: dns.url });
  listed.worker = server.origin;
  other.worker = server.origin;
});
afterAll(() =>
  Promise.all([server.stop(), listed.close(), other.close(), dns.close(), browser.close()]),
);

it("a listed origin signs up, files a task and runs a batch", async ({ expect }) => {
  const { page, complaints, origins, close } = await openPage(browser, listed.origin);

  await page.getByLabel("Name", { exact: true }).fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByText("Welcome, Ada!").waitFor();

  await page.getByLabel("What?").fill("The gate does not close");
  await page.getByRole("button", { name: "Report it" }).click();
  await page.getByText("It is filed as “The gate does not close”.").waitFor();

  await page.getByRole("button", { name: "Make labels" }).click();
  await page.getByText("Crème Brûlée Rhubarb · Sungold Tomatoes").waitFor();
  const bar = page.getByRole("progressbar", { name: "Labels made" });
  expect(await bar.evaluate((element: HTMLProgressElement) => element.position)).toBe(1);

  expect(complaints).toEqual([]);
  expect([...origins].sort()).toEqual([listed.origin, server.origin].sort());
  await close();
});

it("a listed origin reads what to put right", async ({ expect }) => {
  const { page, close } = await openPage(browser, listed.origin);

  await page.getByLabel("Name", { exact: true }).fill("Ada again");
  await page.getByLabel("E-mail").fill("ADA@EXAMPLE.COM");
  await page.getByRole("button", { name: "Join" }).click();

  await page.getByText("This e-mail is on our list already.").waitFor();

  await page.getByLabel("E-mail").fill("ada@example..com");
  // Switches off the browser's own validation, so that the Worker gets the address.
  await page.locator("#join").evaluate((form: HTMLFormElement) => (form.noValidate = true));
  await page.getByRole("button", { name: "Join" }).click();
  await page
    .getByText("E-mail – The domain starts or ends with a dot, or has two in a row")
    .waitFor();
  expect(await page.getByLabel("E-mail").evaluate((field) => field.matches(":focus"))).toBe(true);

  // Blanks pass it, too.
  await page.getByLabel("What?").fill("   ");
  await page.getByRole("button", { name: "Report it" }).click();
  await page.getByText(/^What\? – /).waitFor();
  await close();
});

it("an origin that is not listed gets nothing done", async ({ expect }) => {
  const { page, complaints, close } = await openPage(browser, other.origin);

  await page.getByLabel("Name", { exact: true }).fill("Eve");
  await page.getByLabel("E-mail").fill("eve@example.com");
  await page.getByRole("button", { name: "Join" }).click();

  await page.getByText("We cannot be reached just now.").waitFor();
  expect(complaints.join("\n")).toContain("blocked by CORS policy");
  const users = await fetch(`${server.origin}/users`, { headers: { Authorization: "Bearer dev" } });
  expect(await users.text()).not.toContain("eve@example.com");
  await close();
});
