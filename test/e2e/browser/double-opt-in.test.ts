// The newsletter's double opt-in in a browser, from a page of its own origin: the form, its thanks, the mail in
// the local outbox, the pages that its links lead to, and where they lead on.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { openConsole, openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { loadAxe, objections } from "../../support/node/objections";
import { type Serentak, startWorker } from "../../support/node/serentak";
import { type Site, startSite } from "../../support/node/site";
import { until } from "../../support/node/until";

const WITHOUT_SCRIPTS = { javaScriptEnabled: false };
const TOKEN = { headers: { Authorization: "Bearer dev" } };
const LOOKS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "narrow", colorScheme: "light", width: 320 },
  { name: "forced", colorScheme: "light", width: 1280, forcedColors: "active" },
] as const;

let site: Site;
let server: Serentak;
let dns: DnsResolver;
let browser: Browser;

beforeAll(async () => {
  [site, dns, browser] = await Promise.all([startSite(), startDnsResolver(), sharedChromium()]);
  server = await startWorker({
    SIGN_UP: "confirmed",
    ALLOWED_ORIGINS: site.origin,
    DNS_RESOLVER_URL: dns.url,
  });
  site.worker = server.origin;
});
afterAll(() => Promise.all([server.stop(), site.close(), dns.close()]));

async function get<T>(path: string): Promise<T> {
  return (await fetch(server.origin + path, TOKEN)).json() as Promise<T>;
}

/** Names in the list of those who have confirmed, or have not. */
async function listed(isConfirmed: boolean): Promise<string[]> {
  const path = `/users?confirmed=${String(isConfirmed)}`;
  return (await get<{ users: { name: string }[] }>(path)).users.map(({ name }) => name);
}

let people = 0;
/** Subscribes somebody new by the form of the newsletter. */
async function subscribe(page: Page): Promise<{ name: string; email: string }> {
  people += 1;
  const name = `Person ${String(people)}`;
  const email = `person-${String(people)}@example.com`;
  await page.goto(`${site.origin}/newsletter.html`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  return { name, email };
}

/** The links of the mail to an address, as the outbox keeps it. */
async function linksTo(email: string): Promise<{ confirm: string; leave: string }> {
  const texts = async () => {
    const { notifications } = await get<{ notifications: { id: string }[] }>(
      "/notifications?channel=mail&limit=100",
    );
    const mails = notifications.map(({ id }) =>
      get<{ payload: { to: string[]; text: string } | null }>(`/notifications/${id}`),
    );
    return (await Promise.all(mails)).flatMap(({ payload }) =>
      payload?.to.includes(email) ? [payload.text] : [],
    );
  };
  const [text = ""] = await until(texts, (found) => found.length > 0);
  const [confirm = ""] = /http:\S+\/users\/confirm\?token=\S+/.exec(text) ?? [];
  const [leave = ""] = /http:\S+\/users\/unsubscribe\?token=\S+/.exec(text) ?? [];
  return { confirm, leave };
}

/** A sign-up that waits for its confirmation, and the links of its mail. */
async function signedUp() {
  const { page, close } = await openPage(browser, site.origin, WITHOUT_SCRIPTS);
  const person = await subscribe(page);
  await close();
  return { ...person, ...(await linksTo(person.email)) };
}

it("leads from the form over the mail in the console to the page of its own, by clicking", async ({
  expect,
}) => {
  const visitor = await openPage(browser, site.origin);
  const { name, email } = await subscribe(visitor.page);
  expect(visitor.page.url()).toBe(`${site.origin}/newsletter-thanks.html`);
  expect(visitor.complaints.filter((text) => !text.includes("404"))).toEqual([]);
  await visitor.close();
  await linksTo(email);
  const view = await openConsole(browser, server.origin);
  await view.giveToken();
  const job = await view.open("Activity");
  const mails = job.getByRole("region", { name: "Messages and mails" });
  await mails.getByLabel("Channel of the messages").selectOption("mail");
  await mails.locator(".chip", { hasText: "delivered" }).first().waitFor();
  await mails.getByText("Details").first().click();
  await mails.getByText(`To ${email}`).waitFor();
  const follow = async (path: string): Promise<Page> => {
    const opened = view.page.waitForEvent("popup");
    await mails.getByRole("link", { name: path }).first().click();
    return opened;
  };

  const confirming = await follow("/users/confirm");
  expect(await listed(true)).not.toContain(name);
  await confirming.getByRole("button", { name: "Confirm" }).click();
  await confirming.waitForURL(`${site.origin}/newsletter-thanks.html`);
  expect(await listed(true)).toContain(name);

  const leaving = await follow("/users/unsubscribe");
  await leaving.getByRole("button", { name: "Unsubscribe and delete" }).click();
  await leaving.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
  expect(await listed(true)).not.toContain(name);
  expect(view.complaints).toEqual([]);
  await view.close();
});

it("is confirmed and left by keyboard, without a script", async ({ expect }) => {
  const { name, confirm, leave } = await signedUp();
  const { page, close } = await openPage(browser, confirm, WITHOUT_SCRIPTS);

  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  expect(await listed(true)).toContain(name);

  await page.goto(leave);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
  expect(await listed(true)).not.toContain(name);
  await close();
});

it("is not changed by a program that opens every link", async ({ expect }) => {
  const { name, confirm, leave } = await signedUp();

  for (const link of [confirm, leave])
    for (const method of ["GET", "HEAD", "GET"])
      expect((await fetch(link, { method })).status).toBe(200);

  expect(await listed(false)).toContain(name);
  expect(await listed(true)).not.toContain(name);
});

it("tells of a link whose sign-up is gone, and of one that is not ours", async ({ expect }) => {
  const { name, confirm, leave } = await signedUp();
  const { page, close } = await openPage(browser, confirm, WITHOUT_SCRIPTS);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();

  // Who presses twice has not done anything wrong.
  await page.goto(confirm);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  expect((await listed(true)).filter((one) => one === name)).toHaveLength(1);
  await page.goto(leave);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "You are unsubscribed" }).waitFor();
  await page.goto(confirm);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "This link can no longer be used" }).waitFor();
  const forged = [
    confirm.slice(0, -1),
    `${confirm}A`,
    confirm.replace("/confirm?", "/unsubscribe?"),
    leave.replace("/unsubscribe?", "/confirm?"),
    `${server.origin}/users/confirm`,
  ];
  for (const link of forged) {
    await page.goto(link);
    await page.getByRole("heading", { name: "This link is not complete" }).waitFor();
    expect(await page.getByRole("button").count()).toBe(0);
  }
  await close();
});

/** Pages by name: how each is reached from the links of a mail. */
const SCENES: Readonly<
  Record<string, (page: Page, links: { confirm: string; leave: string }) => Promise<unknown>>
> = {
  "to confirm": (page, { confirm }) => page.goto(confirm),
  "of a link whose sign-up is gone": async (page, { confirm, leave }) => {
    await fetch(leave, { method: "POST" });
    await page.goto(confirm);
    await page.getByRole("button").click();
    await page.waitForLoadState();
  },
  "to unsubscribe": (page, { leave }) => page.goto(leave),
  "of who has unsubscribed": async (page, { leave }) => {
    await page.goto(leave);
    await page.getByRole("button").click();
    await page.waitForLoadState();
  },
  "of a forged link": (page, { confirm }) => page.goto(`${confirm}A`),
};

describe("axe-core has no objection to the page", () => {
  it.for(Object.keys(SCENES))("%s, in either language", async (name, { expect }) => {
    for (const locale of ["en-GB", "id-ID"]) {
      const view = await openPage(browser, site.origin, { locale });
      await SCENES[name]?.(view.page, await signedUp());
      expect(await view.page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
      await loadAxe(view.page);
      expect(await objections(view.page, LOOKS)).toEqual([]);
      await view.close();
    }
  });
});
