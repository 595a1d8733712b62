// The example site on an origin of its own: allowed by CORS, and refused.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { type Serentak, startWorker } from "../../support/node/serentak";
import { type Site, startSite } from "../../support/node/site";

const PAGE = "/static-site/index.html";

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
    sharedChromium(),
  ]);
  server = await startWorker({ ALLOWED_ORIGINS: listed.origin, DNS_RESOLVER_URL: dns.url });
  listed.worker = server.origin;
  other.worker = server.origin;
});
afterAll(() => Promise.all([server.stop(), listed.close(), other.close(), dns.close()]));

it("a listed origin signs up, files a task and runs a batch", async ({ expect }) => {
  const { page, complaints, origins, close } = await openPage(browser, listed.origin + PAGE);

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
  const { page, close } = await openPage(browser, listed.origin + PAGE);

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
  const { page, complaints, close } = await openPage(browser, other.origin + PAGE);

  await page.getByLabel("Name", { exact: true }).fill("Eve");
  await page.getByLabel("E-mail").fill("eve@example.com");
  await page.getByRole("button", { name: "Join" }).click();

  await page.getByText("We cannot be reached just now.").waitFor();
  expect(complaints.join("\n")).toContain("blocked by CORS policy");
  const users = await fetch(`${server.origin}/users`, { headers: { Authorization: "Bearer dev" } });
  expect(await users.text()).not.toContain("eve@example.com");
  await close();
});

it("who misspells an address is asked, and is one user", async ({ expect }) => {
  const { page, close } = await openPage(browser, listed.origin + PAGE);
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.message());
    await (asked.length === 1 ? dialog.accept() : dialog.dismiss());
  });
  for (const name of ["Eko", "Fitri"]) {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("E-mail").fill(`${name}@gmial.com`);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByText(`Welcome, ${name}!`).waitFor();
  }

  expect(asked).toEqual(["Did you mean Eko@gmail.com?", "Did you mean Fitri@gmail.com?"]);
  const users = await (
    await fetch(`${server.origin}/users`, { headers: { Authorization: "Bearer dev" } })
  ).text();
  expect(users).toContain("Eko@gmail.com");
  expect(users).not.toContain("Eko@gmial.com");
  expect(users).toContain("Fitri@gmial.com");
  await close();
});

it("its forms work without the script, and nothing of them stands in an address", async ({
  expect,
}) => {
  const { page, requests, close } = await openPage(browser, listed.origin + PAGE, {
    javaScriptEnabled: false,
  });
  expect(await page.getByRole("button", { name: "Make labels" }).isVisible()).toBe(false);

  await page.getByLabel("Name", { exact: true }).fill("Gita");
  await page.getByLabel("E-mail").fill("gita@example.com");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();

  await page.goBack();
  await page.getByLabel("What?").fill("A hole in the hedge");
  await page.getByRole("button", { name: "Report it" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  expect(requests.join("\n")).not.toMatch(/gita|hedge/i);
  const tasks = await fetch(`${server.origin}/tasks?priority=high`, {
    headers: { Authorization: "Bearer dev" },
  });
  expect(await tasks.text()).toContain("A hole in the hedge");
  await close();
});
