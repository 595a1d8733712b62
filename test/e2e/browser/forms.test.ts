// Forms of a static page, in a browser that runs no scripts: what its visitors see.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { openPage } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { type Serentak, startWorker } from "../../support/node/serentak";
import { type Site, startSite } from "../../support/node/site";
import { until } from "../../support/node/until";

const WITHOUT_SCRIPTS = { javaScriptEnabled: false };
const TOKEN = { headers: { Authorization: "Bearer dev", Accept: "application/x-ndjson" } };

let listed: Site;
let foreign: Site;
let server: Serentak;
let dns: DnsResolver;
let browser: Browser;

beforeAll(async () => {
  [listed, foreign, dns, browser] = await Promise.all([
    startSite(),
    startSite(),
    startDnsResolver(),
    sharedChromium(),
  ]);
  server = await startWorker({
    ALLOWED_ORIGINS: listed.origin,
    DNS_RESOLVER_URL: dns.url,
    OWNER_EMAIL: "owner@example.com",
  });
  listed.worker = server.origin;
  foreign.worker = server.origin;
  dns.set("nowhere.example", "no-such-domain");
});
afterAll(() => Promise.all([server.stop(), listed.close(), foreign.close(), dns.close()]));

const open = (path: string, options: BrowserContextOptions = WITHOUT_SCRIPTS) =>
  openPage(browser, listed.origin + path, options);

/** Records of a kind as JSON, one a line. */
async function recordsOf(kind: "users" | "tasks", holding: string): Promise<string[]> {
  const text = await (await fetch(`${server.origin}/${kind}`, TOKEN)).text();
  return text.split("\n").filter((line) => line.includes(holding));
}

async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).innerText();

describe.for([
  ["without scripts", WITHOUT_SCRIPTS],
  ["with scripts", {}],
] as const)("an example %s", ([how, options]) => {
  it("sends a message, which is mailed to the owner", async ({ expect }) => {
    const { page, complaints, close } = await open("/contact-form.html", options);
    const Message = `The gate is open.\n${how}`;
    await fillIn(page, { Name: "Ada", "E-mail": "ada@example.com", Message });

    await page.getByRole("button", { name: "Send" }).click();

    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    expect(page.url()).toBe(`${server.origin}/thanks`);
    const [task] = await recordsOf("tasks", how);
    expect(JSON.parse(task ?? "")).toMatchObject({
      title: "From the contact form",
      description: Message,
      reply_to: "ada@example.com",
      metadata: { name: "Ada" },
    });
    const { id }: { id: string } = JSON.parse(task ?? "");
    const mail = await until(
      async () => {
        const path = `${server.origin}/notifications?record_id=${id}`;
        return (await fetch(path, { headers: { Authorization: "Bearer dev" } })).text();
      },
      (text) => text.includes('"delivered"'),
    );
    expect(mail).toContain("task.created");
    expect(complaints).toEqual([]);
    await close();
  });

  it("signs somebody up, with fields of its own", async ({ expect }) => {
    for (const [path, button, metadata] of [
      ["/newsletter.html", "Subscribe", { list: "newsletter" }],
      ["/waiting-list.html", "Put me on the list", { plot: "Small", grows: ["fruit", "flowers"] }],
    ] as const) {
      const { page, complaints, close } = await open(path, options);
      const email = `${path.length}-${how.length}@example.com`;
      await fillIn(page, { Name: "Ada", "E-mail": email });
      if ("plot" in metadata) {
        await page.getByLabel("Size of the plot").selectOption("Small");
        await page.getByLabel("Fruit").check();
        await page.getByLabel("Flowers").check();
      }

      await page.getByRole("button", { name: button }).click();

      await page.getByRole("heading", { name: "Thank you" }).waitFor();
      const [user] = await recordsOf("users", email);
      expect(JSON.parse(user ?? "")).toMatchObject({ name: "Ada", email, metadata });
      expect(complaints).toEqual([]);
      await close();
    }
  });
});

it("a refusal names the field, and going back brings what was filled in", async ({ expect }) => {
  const { page, close } = await open("/waiting-list.html?unchecked");
  await fillIn(page, { Name: "Ada", "E-mail": "ada@@example.com" });
  await page.getByLabel("Fruit").check();

  await page.getByRole("button", { name: "Put me on the list" }).click();
  expect(await heading(page)).toBe("Please check the form");
  expect(await page.getByRole("listitem").innerText()).toMatch(
    /^E-mail \(email\): Enter an address/,
  );
  const back = page.getByRole("link", { name: "Back to the page" });
  expect(await back.getAttribute("href")).toBe(`${listed.origin}/`);

  await page.goBack();
  expect(await page.getByLabel("Name").inputValue()).toBe("Ada");
  expect(await page.getByLabel("E-mail").inputValue()).toBe("ada@@example.com");
  expect(await page.getByLabel("Fruit").isChecked()).toBe(true);
  await page.getByLabel("E-mail").fill("ada.back@example.com");
  await page.getByRole("button", { name: "Put me on the list" }).click();
  expect(await heading(page)).toBe("Thank you");
  expect(await recordsOf("users", "ada.back@example.com")).toHaveLength(1);
  await close();
});

it.for([
  ["id-ID", "Anda sudah terdaftar", "Mohon periksa alamat e-mail Anda", "Terima kasih"],
  ["en-GB", "You are on the list already", "Please check your e-mail address", "Thank you"],
] as const)("each refusal is told in %s", async ([locale, taken, nowhere, thanks], { expect }) => {
  const { page, close } = await open("/waiting-list.html", { ...WITHOUT_SCRIPTS, locale });
  const send = async (email: string, name = "Ada") => {
    await page.goto(`${listed.origin}/waiting-list.html`);
    await fillIn(page, { Name: name, "E-mail": email });
    await page.getByRole("button", { name: "Put me on the list" }).click();
    return heading(page);
  };
  const email = `ada-${locale}@example.com`;

  expect(await send(email)).toBe(thanks);
  expect(await send(email, "Bob")).toBe(taken);
  expect(await send("ada@nowhere.example")).toBe(nowhere);
  expect(await page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
  await close();
});

it("who misspells an address is asked, and is one user either way", async ({ expect }) => {
  for (const [name, button, kept] of [
    ["Ani", "Yes, use Ani@gmail.com", "Ani@gmail.com"],
    ["Budi", "No, Budi@gmial.com is right", "Budi@gmial.com"],
  ] as const) {
    const { page, close } = await open("/waiting-list.html");
    await fillIn(page, { Name: name, "E-mail": `${name}@gmial.com` });
    await page.getByLabel("Fruit").check();
    await page.getByRole("button", { name: "Put me on the list" }).click();
    expect(await heading(page)).toBe(`Did you mean ${name}@gmail.com?`);
    expect(await recordsOf("users", name)).toEqual([]);

    await page.getByRole("button", { name: button }).click();

    expect(await heading(page)).toBe("Thank you");
    const users = await recordsOf("users", name);
    expect(users).toHaveLength(1);
    expect(JSON.parse(users[0] ?? "")).toMatchObject({ email: kept, metadata: { grows: "fruit" } });
    await close();
  }
});

it("a program that fills in the honeypot is thanked, and nothing is kept", async ({ expect }) => {
  const { page, close } = await open("/newsletter.html");
  await fillIn(page, { Name: "Robot", "E-mail": "robot@example.com" });
  await page.locator("[name=_gotcha]").fill("https://buy.example");
  await page.getByRole("button", { name: "Subscribe" }).click();

  expect(await heading(page)).toBe("Thank you");
  expect(await recordsOf("users", "robot@example.com")).toEqual([]);
  await close();
});

it("a double click is one record", async ({ expect }) => {
  const { page, close } = await open("/contact-form.html");
  const Message = "Sent by a double click";
  await fillIn(page, { Name: "Ada", "E-mail": "ada@example.com", Message });
  await page.getByRole("button", { name: "Send" }).dblclick();

  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  expect(await recordsOf("tasks", Message)).toHaveLength(1);
  await close();
});

describe("a page with Referrer-Policy", () => {
  it.for([
    ["no-referrer", false],
    ["same-origin", false],
    ["origin", true],
    ["strict-origin", true],
    ["origin-when-cross-origin", true],
    ["strict-origin-when-cross-origin", true],
    ["no-referrer-when-downgrade", true],
    ["unsafe-url", true],
  ] as const)("%s is served: %s", async ([policy, isServed], { expect }) => {
    const { page, close } = await open(`/newsletter.html?referrer=${policy}`);
    const email = `${policy}@example.com`;
    await fillIn(page, { Name: "Ada", "E-mail": email });
    await page.getByRole("button", { name: "Subscribe" }).click();

    expect(await heading(page)).toBe(isServed ? "Thank you" : "This form cannot be sent from here");
    if (!isServed) expect(await page.locator("main").innerText()).toContain(policy);
    expect(await recordsOf("users", email)).toHaveLength(isServed ? 1 : 0);
    await close();
  });
});

it("a page of a foreign origin gets nothing done, and reads why", async ({ expect }) => {
  const { page, close } = await openPage(
    browser,
    `${foreign.origin}/newsletter.html`,
    WITHOUT_SCRIPTS,
  );
  await fillIn(page, { Name: "Eve", "E-mail": "eve@example.com" });
  await page.getByRole("button", { name: "Subscribe" }).click();

  expect(await heading(page)).toBe("This form cannot be sent from here");
  expect(await page.locator("main").innerText()).toContain("ALLOWED_ORIGINS");
  expect(await recordsOf("users", "eve@example.com")).toEqual([]);
  await close();
});
