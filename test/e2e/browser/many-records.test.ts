// The console over 100,000 users, tasks and messages and 50,000 batches: what each panel asks for and shows is
// bounded, however much there is.
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";

import { insertBatches, insertDeliveries, insertTasks, insertUsers } from "../../support/many-rows";
import { sharedChromium } from "../../support/node/chromium";
import { type ConsolePage, type Job, openConsole } from "../../support/node/console-page";
import { type OwnWorld, startWorld } from "../../support/node/world";
import { fillTables } from "../../support/node/fill-tables";

/** Elements of the whole page. */
const MOST_ELEMENTS = 1600;
/** Requests that opening a panel may send. */
const MOST_REQUESTS = 8;

let browser: Browser;
let world: OwnWorld;
let view: ConsolePage;

beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld(), sharedChromium()]);
  await world.create("/users", { name: "Ada", email: "ada@many.example" });
  await world.create("/tasks", { title: "Unheard", notify: ["deaf"] });
  await world.create("/batch-process", { operation: "uppercase", items: ["a"] });
  await world.untilFailed(1);
  await fillTables(world.server, {
    users: insertUsers(100_000),
    tasks: insertTasks(100_000),
    batches: insertBatches(50_000),
    deliveries: insertDeliveries(100_000),
  });
  view = await openConsole(browser, world.server.origin);
  await view.giveToken();
});
afterAll(() => world.stop());

const elements = () => view.page.locator("*").count();
const idle = (within: Locator) =>
  within.locator("[aria-busy=true]").first().waitFor({ state: "detached" });

describe("the console over large tables", () => {
  it.for<Job>(["Retrieve", "Transform", "Sign up", "Tasks", "Batches", "Activity"])(
    "opens %s with a few requests",
    async (name, { expect }) => {
      const before = view.requests.length;
      const job = await view.open(name);
      await job.getByRole("heading").first().waitFor();
      await idle(job);
      expect(view.requests.length - before).toBeLessThanOrEqual(MOST_REQUESTS);
      expect(await elements()).toBeLessThan(MOST_ELEMENTS);
    },
  );

  it.for([
    "All batches",
    "Failed notifications",
    "Messages and mails",
    "Newest sign-ups",
    "Newest tasks",
  ])("turns the pages of %s without growing, one request each", async (title, { expect }) => {
    const list = (await view.open("Activity")).getByRole("region", { name: title });
    const rows = list.locator("ul.rows > li");
    await rows.last().waitFor();
    const turns = view.requests.length;
    const seen: string[] = [];
    for (let page = 1; page <= 3; page += 1) {
      await expect.poll(() => rows.allInnerTexts()).not.toEqual(seen);
      seen.splice(0, Infinity, ...(await rows.allInnerTexts()));
      expect(seen).toHaveLength(10);
      expect(await elements()).toBeLessThan(MOST_ELEMENTS);
      await list.getByRole("button", { name: `Next page of ${title}` }).press("Enter");
    }
    await expect.poll(() => view.requests.length - turns).toBe(3);
    await idle(list);
    expect(view.requests.length - turns).toBe(3);
  });

  it("searches once, when the typing has paused, and says that it may go on", async ({
    expect,
  }) => {
    const list = (await view.open("Activity")).getByRole("region", { name: "Newest sign-ups" });
    const searches = () => view.requests.filter((request) => request.includes("q=person"));
    await view.page.clock.install();
    await list.getByLabel("Search users").pressSequentially("person 7777");
    expect(searches()).toEqual([]);

    await view.page.clock.runFor(1000);
    await list.getByText("None so far").waitFor();
    await list.getByRole("button", { name: "Next page of Newest sign-ups" }).press("Enter");
    await list.getByText("person-77779@example.com").waitFor();
    expect(searches()).toHaveLength(2);
    expect(view.complaints).toEqual([]);
  });
});
