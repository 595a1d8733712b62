// The console for everybody: what axe-core finds, in light, dark and on a phone; and by keyboard alone.
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { type Job, openConsole, openPage } from "../../support/node/console-page";
import { type ConsoleWorld, startConsoleWorld } from "../../support/node/console-world";

declare global {
  interface Window {
    /** There once its source was run in the page. */
    readonly axe: typeof axe;
  }
}

const LOOKS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "phone", colorScheme: "light", width: 360 },
] as const;

let world: ConsoleWorld;

beforeAll(async () => {
  world = await startConsoleWorld();
});
afterAll(() => world.stop());

/**
 * Violations that axe-core reports, and elements that overflow the page sideways, in every colour scheme and
 * width.
 */
async function objections(page: Page): Promise<string[]> {
  const all: string[] = [];
  for (const { name, colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run({ resultTypes: ["violations"] });
      const rules = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      const excess = document.documentElement.scrollWidth - window.innerWidth;
      return excess > 0 ? [...rules, `${String(excess)} px too wide`] : rules;
    });
    all.push(...found.map((objection) => `${name}: ${objection}`));
  }
  return all;
}

/** Brings each job to a state with as much to see as possible, refusals included. */
const SCENES: Readonly<Record<Job, (job: Locator) => Promise<void>>> = {
  Retrieve: async (job) => {
    await job.getByLabel("URL 2", { exact: true }).fill(world.upstreams.url("/fail?status=404"));
    await job.getByLabel("URL 3", { exact: true }).fill("http://192.0.2.1/");
    await job.getByText("Options").click();
    await job.getByRole("button", { name: "Ask them all" }).click();
    await job.getByText("as fast as one after another").waitFor();
    await job.locator("summary.call").first().click();
  },
  Transform: async (job) => {
    await job.getByRole("table").waitFor();
    await job.getByLabel("Operation 2").selectOption("truncate");
    await job.getByText("The preview waits for “Length” of step 2.").waitFor();
    await job.getByLabel("Length", { exact: true }).fill("-1");
    await job.getByRole("alert").getByText("does not fit").waitFor();
  },
  "Sign up": async (job) => {
    await job.getByLabel("Name").fill("Ada");
    await job.getByLabel("E-mail").fill("ada@gmial.com");
    await job.getByRole("button", { name: "Sign up" }).click();
    await job.getByText("Did you mean").waitFor();
    await job.getByRole("table").waitFor();
  },
  Tasks: async (job) => {
    await job.getByLabel("Title").fill("Order the paper");
    await job.getByLabel("Channels to tell").fill("deaf");
    await job.getByRole("button", { name: "File the task" }).click();
    await job.getByText("failed", { exact: true }).waitFor();
    await job.getByRole("button", { name: "Start" }).click();
    await job.getByText("in progress", { exact: true }).first().waitFor();
  },
  Batches: async (job) => {
    await job.getByText("Options").click();
    await job.getByLabel("What to do").selectOption("operations");
    await job.getByLabel("Operation 1").selectOption("json_parse");
    await job.getByLabel("Items", { exact: true }).fill('{"a":1}\nnot json');
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByRole("button", { name: "Retry the failed" }).waitFor();
    await job.getByRole("table").waitFor();
  },
};

// The record's keys are its type's.
it.for(Object.keys(SCENES) as Job[])(
  "axe-core has no objection to %s, in light, in dark and on a phone",
  async (name, { expect }) => {
    const view = await openConsole(world.browser, world.server.origin);
    await view.giveToken();

    await SCENES[name](await view.open(name));

    // Not as a script element, which the page's policy would refuse.
    await view.page.evaluate(axe.source);
    expect(await objections(view.page)).toEqual([]);
    await view.close();
  },
);

it("a job is done by keyboard alone", async ({ expect }) => {
  const view = await openConsole(world.browser, world.server.origin);
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
  const view = await openPage(world.browser, `${world.server.origin}/docs`);

  await view.page.getByText("external-api", { exact: false }).first().waitFor();

  expect(view.complaints).toEqual([]);
  expect([...view.origins]).toEqual([world.server.origin]);
  await view.close();
});
