// The console's forms under one's hands: where the focus goes, what is kept, and what is asked for.
import type { Browser, Locator } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { type ConsolePage, openConsole } from "../../support/node/console-page";
import { sharedWorld, type World } from "../../support/node/world";

let browser: Browser;
let world: World;
let view: ConsolePage;

beforeAll(async () => {
  [world, browser] = await Promise.all([sharedWorld(), sharedChromium()]);
});
beforeEach(async () => {
  view = await openConsole(browser, world.server.origin);
});
afterEach(() => view.close());

/** Resolves once the focus is there. */
async function focusOn(locator: Locator): Promise<void> {
  await locator.and(view.page.locator(":focus")).waitFor();
}

describe("the focus", () => {
  it("is on the URL that was added, and on a neighbour of the one removed", async () => {
    const job = await view.open("Retrieve");
    const url = (place: number) => job.getByLabel(`URL ${String(place)}`, { exact: true });
    const remove = (place: number) =>
      job.getByRole("button", { name: `Remove URL ${String(place)}` }).press("Enter");

    await job.getByRole("button", { name: "Add a URL" }).press("Enter");
    await focusOn(url(4));
    await remove(2);
    await focusOn(url(2));
    await remove(3);
    await focusOn(url(2));
  });

  it("goes with a step that is moved, and to a neighbour of one removed", async ({ expect }) => {
    const job = await view.open("Transform");
    const step = (place: number) => job.getByLabel(`Operation ${String(place)}`, { exact: true });
    const button = (name: string) => job.getByRole("button", { name });

    await button("Add a step").press("Enter");
    await focusOn(step(3));
    await step(3).selectOption("reverse");
    await button("Move step 3 up").press("Enter");
    await focusOn(button("Move step 2 up"));
    await button("Move step 2 up").press("Enter");
    await focusOn(step(1));
    expect(await step(1).inputValue()).toBe("reverse");
    await button("Remove step 3").press("Enter");
    await focusOn(step(2));
  });
});

describe("the items of a batch", () => {
  it("are kept when they are somebody's own, and samples when they are not", async ({ expect }) => {
    const job = await view.open("Batches");
    const [kind, items] = [job.getByLabel("What to do"), job.getByLabel("Items", { exact: true })];

    await kind.selectOption("tasks");
    expect(await items.inputValue()).toContain("Task 200");
    await items.fill('[{"title":"Mine"}]');
    await kind.selectOption("users");
    expect(await items.inputValue()).toBe('[{"title":"Mine"}]');
  });

  it("are converted when they are written in another form", async ({ expect }) => {
    const job = await view.open("Batches");
    await job.getByLabel("Items", { exact: true }).fill("one\ntwo");

    await job.getByText("A JSON array").click();

    expect(await job.getByLabel("Items", { exact: true }).inputValue()).toBe(
      '[\n  "one",\n  "two"\n]',
    );
  });

  it("come from a file, until it is removed", async ({ expect }) => {
    const job = await view.open("Batches");
    await job.getByLabel("What to do").selectOption("operations");
    const file = { name: "words.csv", mimeType: "text/csv", buffer: Buffer.from("word\na\nb\n") };
    await job.getByLabel("Or a file").setInputFiles(file);
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByText("2 / 2").waitFor();
    const curl = await job.getByLabel("curl code", { exact: true }).innerText();
    expect(curl).toContain("Content-Type: text/csv");
    expect(curl).toContain("--data-binary @words.csv");

    await job.getByRole("button", { name: "Remove the file" }).press("Enter");

    await focusOn(job.getByLabel("Items", { exact: true }));
    expect(await job.getByLabel("Or a file").inputValue()).toBe("");
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByText("200 / 200").waitFor();
    const download = view.page.waitForEvent("download");
    await job.getByRole("button", { name: "Save body.json" }).click();
    expect((await download).suggestedFilename()).toBe("body.json");
  });
});

it("a date stands level with its neighbour, and has the whole width of a phone", async ({
  expect,
}) => {
  const job = await view.open("Tasks");
  const boxes = () =>
    Promise.all(["Priority", "Due"].map((name) => job.getByLabel(name).boundingBox()));

  const [priority, due] = await boxes();
  expect([due?.y, due?.height]).toEqual([priority?.y, priority?.height]);
  await view.page.setViewportSize({ width: 390, height: 800 });
  const [above, below] = await boxes();
  expect(below?.width).toBe(above?.width);
  expect(below?.y).toBeGreaterThan(above?.y ?? Infinity);
});

describe("lists", () => {
  it("keep words whole on a phone, and scroll in their own frame", async ({ expect }) => {
    const [name, email] = ["x".repeat(200), `${"y".repeat(60)}@example.com`];
    for (const user of [
      { name, email },
      { name: "Hedy Lamarr", email: "hedy.lamarr@example.com" },
    ])
      await fetch(`${world.server.origin}/users`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(user),
      });
    await view.page.setViewportSize({ width: 390, height: 800 });
    await view.giveToken();
    const job = await view.open("Sign up");
    await job.getByRole("cell", { name: "Hedy Lamarr" }).waitFor();

    const heightOf = (cell: Locator) => cell.evaluate((element) => element.clientHeight);
    const line = await heightOf(job.getByRole("columnheader", { name: "Name" }));
    for (const header of await job.getByRole("columnheader").all())
      expect(await heightOf(header)).toBe(line);
    const row = job.getByRole("row").filter({ hasText: "Hedy Lamarr" });
    const [, address, , since] = await row.getByRole("cell").all();
    const lineOf = async (cell: Locator | undefined) =>
      cell?.evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
      });
    expect(await lineOf(address)).toBe(1);
    expect(await lineOf(since)).toBe(1);
    const excess = await view.page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(excess).toBeLessThanOrEqual(0);
    const widest = await job.getByRole("cell", { name }).evaluate((cell) => cell.clientWidth);
    expect(widest).toBeLessThan(390);
  });
});

describe("a policy", () => {
  it("has its verdict, and what was cancelled has not failed", async ({ expect }) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("URL 1", { exact: true }).fill(world.upstreams.url("/hang"));
    await job.getByLabel("URL 3", { exact: true }).fill(world.upstreams.url("/hang"));
    await job.getByText("Options").click();
    await job.getByLabel("Policy").selectOption("any");

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByText("“any” is met: one answer was ok.").waitFor();
    expect(await job.getByRole("status").first().innerText()).toContain(
      "1 answered, 0 failed, 2 cancelled",
    );
    expect(await job.locator("li[data-outcome=neutral]").count()).toBe(2);

    await job.getByLabel("URL 1", { exact: true }).fill(world.upstreams.url("/fail?status=404"));
    await job.getByRole("button", { name: "Remove URL 3" }).click();
    await job.getByLabel("Policy").selectOption("all");
    await job.getByRole("button", { name: "Ask them all" }).click();
    await job.getByText(/^“all” has failed: \d calls? not ok\.$/).waitFor();
  });
});
