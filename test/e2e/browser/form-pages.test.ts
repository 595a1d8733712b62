// The pages around forms for everybody: what axe-core finds, in light, in dark and at 320 px; and by keyboard.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { loadAxe, objections } from "../../support/node/objections";
import { type Serentak, startWorker } from "../../support/node/serentak";
import { type Site, startSite } from "../../support/node/site";

const LOOKS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "narrow", colorScheme: "light", width: 320 },
] as const;

let site: Site;
let server: Serentak;
let dns: DnsResolver;
let browser: Browser;

beforeAll(async () => {
  [site, dns, browser] = await Promise.all([startSite(), startDnsResolver(), sharedChromium()]);
  server = await startWorker({ ALLOWED_ORIGINS: site.origin, DNS_RESOLVER_URL: dns.url });
  site.worker = server.origin;
});
afterAll(() => Promise.all([server.stop(), site.close(), dns.close()]));

/** Fills in the form of the waiting list and sends it. */
async function send(page: Page, name: string, email: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button").click();
}

const LONG = `${"long".repeat(14)}@${"very-long-domain".repeat(3)}.example`;

/** Pages by name: how each is reached, and a text on it in either language. */
const SCENES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "the contact form": async (page) => void (await page.goto(`${site.origin}/contact-form.html`)),
  "the newsletter": async (page) => void (await page.goto(`${site.origin}/newsletter.html`)),
  "the newsletter's thanks": async (page) =>
    void (await page.goto(`${site.origin}/newsletter-thanks.html`)),
  "the waiting list": async (page) => void (await page.goto(`${site.origin}/waiting-list.html`)),
  thanks: async (page) => {
    await page.goto(`${site.origin}/waiting-list.html`);
    await send(page, "Ada", `ada-${Date.now()}@example.com`);
    await page.waitForURL("**/thanks");
  },
  faults: async (page) => {
    await page.goto(`${site.origin}/waiting-list.html?unchecked`);
    await send(page, "", LONG.replace("@", "@@"));
    await page.waitForURL("**/users");
  },
  question: async (page) => {
    await page.goto(`${site.origin}/waiting-list.html`);
    await send(page, "Ada", `${"a".repeat(60)}@gmial.com`);
    await page.waitForURL("**/users");
  },
  "a hidden origin": async (page) => {
    await page.goto(`${site.origin}/waiting-list.html?referrer=no-referrer`);
    await send(page, "Ada", "ada@example.com");
    await page.waitForURL("**/users");
  },
  "a problem's page": async (page) => void (await page.goto(`${server.origin}/problems/internal`)),
};

it.for(Object.keys(SCENES))(
  "axe-core has no objection to %s, in either language",
  async (name, { expect }) => {
    for (const locale of ["en-GB", "id-ID"]) {
      const view = await openPage(browser, site.origin, { locale });
      await SCENES[name]?.(view.page);
      await loadAxe(view.page);
      expect(await objections(view.page, LOOKS)).toEqual([]);
      await view.close();
    }
  },
);

it("a question is answered by keyboard alone", async ({ expect }) => {
  const { page, close } = await openPage(browser, `${site.origin}/waiting-list.html`, {
    javaScriptEnabled: false,
  });
  const { keyboard } = page;
  for (const text of ["Ada", "ada.keys@gmial.com"]) {
    await keyboard.press("Tab");
    await keyboard.type(text);
  }
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Did you mean ada.keys@gmail.com?" }).waitFor();

  await keyboard.press("Tab");
  await keyboard.press("Enter");

  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  await keyboard.press("Tab");
  const focused = page.locator(":focus");
  expect(await focused.innerText()).toBe("Back to the page");
  await close();
});
