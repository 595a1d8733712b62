// The console on its first morning and on a bad day: panels that are empty, and panels whose reads all fail.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { type ConsolePage, type Job, openConsole } from "../../support/node/console-page";
import { type OwnWorld, startWorld } from "../../support/node/world";
import { loadAxe, objections } from "../../support/node/objections";

const LOOKS = [
  { name: "light", colorScheme: "light", width: 640 },
  { name: "dark", colorScheme: "dark", width: 320 },
  { name: "forced", colorScheme: "light", width: 320, forcedColors: "active" },
] as const;
const PANELS: readonly Job[] = ["Retrieve", "Transform", "Sign up", "Tasks", "Batches", "Activity"];

let browser: Browser;
let world: OwnWorld;

beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld(), sharedChromium()]);
});
afterAll(() => world.stop());

/** Refuses whatever is asked of the Worker from now on. */
const failAll = (page: Page) =>
  page.route(`${world.server.origin}/**`, (route) =>
    route.request().resourceType() === "fetch" ? route.fulfill(UNAVAILABLE) : route.fallback(),
  );
const TITLE = "The storage does not answer";
const UNAVAILABLE = {
  status: 503,
  contentType: "application/problem+json",
  body: JSON.stringify({
    type: "https://serentak.example/problems#unavailable",
    title: TITLE,
    status: 503,
    detail: "Try again in a moment.",
    code: "unavailable",
    request_id: "00000000-0000-7000-8000-000000000000",
  }),
};

const STATES: Readonly<Record<string, (view: ConsolePage) => Promise<unknown>>> = {
  empty: () => Promise.resolve(),
  failing: ({ page }) => failAll(page),
};
/** Panels that read nothing before somebody asks, and so have no failure to show. */
const QUIET: ReadonlySet<Job> = new Set(["Retrieve", "Transform", "Batches"]);

it("lists are asked for once when a token is given", async ({ expect }) => {
  const view = await openConsole(browser, world.server.origin);
  await view.open("Sign up");
  await view.open("Tasks");

  await view.giveToken();

  await view.page.getByText("No task was filed yet.").waitFor();
  await view.open("Sign up");
  await view.page.getByText("Nobody has signed up yet.").waitFor();
  const asked = view.requests.filter((text) => /\/(users|tasks)\?limit=20/.test(text));
  expect(asked).toHaveLength(2);
  await view.close();
});

it.for(Object.entries(STATES))(
  "axe-core has no objection to panels that are %s, at 200 % and on a phone",
  async ([name, prepare], { expect }) => {
    const view = await openConsole(browser, world.server.origin);
    await view.giveToken();
    await prepare(view);
    await loadAxe(view.page);

    for (const panel of PANELS) {
      const job = await view.open(panel);
      await job.getByRole("heading").first().waitFor();
      await view.page.waitForLoadState("networkidle");
      if (name === "failing" && !QUIET.has(panel)) await job.getByText(TITLE).first().waitFor();
      expect(await objections(view.page, LOOKS), `${panel}, ${name}`).toEqual([]);
    }
    await view.close();
  },
);
