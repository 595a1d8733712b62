// The console for everybody: what axe-core finds in light, dark, forced colours and on a phone; by keyboard alone.
import type { Browser, Locator } from "playwright-core";
import { beforeAll, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { type Job, openConsole, openPage } from "../../support/node/console-page";
import { sharedWorld, type World } from "../../support/node/world";
import { loadAxe, objections } from "../../support/node/objections";

const LOOKS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "zoomed to 200 %", colorScheme: "light", width: 640 },
  { name: "phone", colorScheme: "light", width: 320 },
  { name: "phone in the dark", colorScheme: "dark", width: 320 },
  { name: "forced", colorScheme: "light", width: 1280, forcedColors: "active" },
] as const;

let browser: Browser;
let world: World;

beforeAll(async () => {
  [world, browser] = await Promise.all([sharedWorld(), sharedChromium()]);
});

/** Brings each job to a state with as much to see as possible, refusals included. */
const SCENES: Readonly<Record<Job, (job: Locator) => Promise<void>>> = {
  Retrieve: async (job) => {
    await job.getByLabel("URL 2", { exact: true }).fill(world.upstreams.url("/fail?status=404"));
    await job.getByLabel("URL 3", { exact: true }).fill("http://192.0.2.1/");
    await job.getByText("Options").click();
    await job.getByRole("button", { name: "Ask them all" }).click();
    // How much sooner than one after another is told only where it is sooner.
    await job.getByText("3 calls in").waitFor();
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
    for (const email of ["axe@a11y.example", "axe@gmial.com"]) {
      await job.getByLabel("E-mail").fill(email);
      await job.getByRole("button", { name: "Sign up" }).click();
      await job.getByText(/Did you mean|is signed up/).waitFor();
    }
    await job.getByText("Did you mean").waitFor();
    await job.getByRole("table").waitFor();
  },
  Tasks: async (job) => {
    await job.getByLabel("Title").fill("Order the tea");
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
    await job.getByRole("button", { name: "Retry what is left" }).waitFor();
    await job.getByRole("table").waitFor();
  },
  Activity: async (job) => {
    await world.create("/tasks", { title: "Unheard", notify: ["deaf"] });
    await world.create("/users", { name: "Ada", email: "activity@a11y.example" });
    await world.untilFailed(1);
    await job.page().reload();
    await job.getByText("Details").first().click();
    await job.getByText("activity@a11y.example").waitFor();
    await job.getByRole("button", { name: "Edit Ada", exact: true }).first().click();
    await job.getByRole("button", { name: "Edit Unheard", exact: true }).click();
    await job.getByLabel("Description (optional)").waitFor();
  },
};

// The record's keys are its type's.
it.for(Object.keys(SCENES) as Job[])(
  "axe-core has no objection to %s, in light, dark, forced colours and on a phone",
  async (name, { expect }) => {
    const view = await openConsole(browser, world.server.origin);
    await view.giveToken();

    await SCENES[name](await view.open(name));

    await loadAxe(view.page);
    expect(await objections(view.page, LOOKS)).toEqual([]);
    await view.close();
  },
);

it("a job is done by keyboard alone", async ({ expect }) => {
  const view = await openConsole(browser, world.server.origin);
  const { keyboard } = view.page;

  await keyboard.press("Tab");
  await keyboard.press("Enter");
  const focused = (): Promise<string> =>
    view.page.evaluate(() => document.activeElement?.textContent ?? "");
  expect(await focused()).toBe("Ask many APIs at once");
  while ((await focused()) !== "Ask them all") await keyboard.press("Tab");
  await keyboard.press("Enter");

  await view.page.getByText("3 calls in").waitFor();
  await view.close();
});

it("the API reference opens without complaints and asks nobody else", async ({ expect }) => {
  const view = await openPage(browser, `${world.server.origin}/docs`);

  await view.page.getByText("external-api", { exact: false }).first().waitFor();

  expect(view.complaints).toEqual([]);
  expect([...view.origins]).toEqual([world.server.origin]);
  await view.close();
});
