// The console in a real Chromium: each of the five jobs done by clicking and typing.
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
afterEach(async ({ expect }) => {
  // A refusal that a test provokes is reported by the browser itself; nothing else may be.
  const provoked = /^Failed to load resource: the server responded with a status of 4\d\d/;
  expect(view.complaints.filter((text) => !provoked.test(text))).toEqual([]);
  expect([...view.origins]).toEqual([world.server.origin]);
  await view.close();
});

function widthOf(bar: Locator): Promise<number> {
  return bar.evaluate((element) => element.getBoundingClientRect().width);
}

describe("retrieval", () => {
  it("draws the Worker's own three URLs as a waterfall, without any network", async ({
    expect,
  }) => {
    const job = await view.open("Retrieve");

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByText("3 calls in").waitFor();
    const rows = job.locator("li[data-outcome=ok]");
    expect(await rows.count()).toBe(3);
    expect(await rows.first().innerText()).toMatch(/\/health\s+200\s.*\d ms/s);
  });

  it("tells how much sooner calls end than one after another", async ({ expect }) => {
    const job = await view.open("Retrieve");
    for (const n of [1, 2, 3])
      await job
        .getByLabel(`URL ${n}`, { exact: true })
        .fill(world.upstreams.url(`/delay?ms=300&n=${n}`));

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByText("as fast as one after another").waitFor();
    const totals = await job.locator(".saving").innerText();
    expect(totals).toMatch(/One after another\s+[\d.]+ m?s\s+All at once\s+[\d.]+ m?s/);
  });

  it("indents a call that waits for another, and starts its bar after it", async ({ expect }) => {
    const job = await view.open("Retrieve");
    const { upstreams } = world;
    await job.getByLabel("URL 1", { exact: true }).fill(upstreams.url('/given?json={"id":7}'));
    const dependent = `${upstreams.url("/echo")}?key=dependent&n={{ call1.body.id }}`;
    await job.getByLabel("URL 2", { exact: true }).fill(dependent);
    await job.getByLabel("Start of URL 2").selectOption("after 1");
    await job.getByLabel("Start of URL 3").selectOption("after 2");

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByText(/3 calls in .*: 3 answered/).waitFor();
    expect(await job.locator(".url.dependent").count()).toBe(2);
    expect(upstreams.requestsOf("dependent").map(({ path }) => path)).toEqual([
      "/echo?key=dependent&n=7",
    ]);
  });

  it("shows at its row that calls wait for each other", async ({ expect }) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("Start of URL 1").selectOption("after 2");
    await job.getByLabel("Start of URL 2").selectOption("after 1");

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByText("These calls wait for each other").first().waitFor();
    const first = job.getByLabel("URL 1", { exact: true });
    expect(await first.getAttribute("aria-invalid")).toBe("true");
  });

  it("shows each receipt as it arrives, with its attempts and the reason of a failure", async ({
    expect,
  }) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("URL 1", { exact: true }).fill(world.upstreams.url("/when?of=seen"));
    await job
      .getByLabel("URL 2", { exact: true })
      .fill(world.upstreams.url("/flap?times=1&key=console"));
    await job.getByLabel("URL 3", { exact: true }).fill(world.upstreams.url("/reset"));
    await job.getByText("Options").click();
    await job.getByLabel("Timeout in ms").fill("60000");
    await job.getByLabel("Retries").fill("1");

    await job.getByRole("button", { name: "Ask them all" }).click();

    const [held, flapping, broken] = [0, 1, 2].map((place) => job.locator("ol > li").nth(place));
    await flapping?.getByText("2 attempts").waitFor();
    await broken?.getByText("network", { exact: true }).waitFor();
    expect(await held?.getAttribute("data-outcome")).toBe("waiting");
    world.upstreams.release("seen");
    await job.getByText(/3 calls in .*: 2 answered, 1 failed/).waitFor();
    const bars = job.locator("rect.bar");
    expect(await widthOf(bars.nth(0))).toBeGreaterThan(await widthOf(bars.nth(2)));
  });

  it("shows the call as curl and as client code, to be copied", async ({ expect }) => {
    await view.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const job = await view.open("Retrieve");
    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByRole("button", { name: "Copy the curl code" }).click();

    await job.getByText("Copied").waitFor();
    const copied = await view.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`curl -X POST '${world.server.origin}/external-api'`);
    expect(await job.getByLabel("JavaScript code", { exact: true }).innerText()).toContain(
      `from "${world.server.origin}/client.js"`,
    );
  });
});

describe("operations", () => {
  it("previews a pipeline while it is typed", async ({ expect }) => {
    const job = await view.open("Transform");

    await job.getByLabel("Items").fill("  one   two \nTHREE");

    await job.getByRole("cell", { name: "One Two", exact: true }).waitFor();
    expect(await job.getByRole("cell", { name: "Three", exact: true }).isVisible()).toBe(true);
  });

  it("waits for the parameters of an operation and shows what is refused", async ({ expect }) => {
    const job = await view.open("Transform");
    await job.getByRole("table").waitFor();
    await job.getByRole("button", { name: "Remove step 2" }).click();

    await job.getByLabel("Operation 1").selectOption("truncate");
    await job.getByText("The preview waits for “Length” of step 1.").waitFor();
    await job.getByText("of an earlier input").waitFor();
    await job.getByLabel("Length", { exact: true }).fill("-1");
    await job.getByRole("alert").getByText("The body does not fit the schema").waitFor();
    await job.getByLabel("Length", { exact: true }).fill("4");

    await job.getByRole("cell", { name: "hel…" }).waitFor();
    expect(await job.getByLabel("Ellipsis (optional)").count()).toBe(1);
    expect(await job.getByText("of an earlier input").count()).toBe(0);
    const refused = view.complaints.filter((text) => text.includes("422"));
    expect(refused).toHaveLength(1);
  });

  it("shows the one value of a summary", async () => {
    const job = await view.open("Transform");
    await job.getByRole("button", { name: "Remove step 2" }).click();

    await job.getByLabel("Operation 1").selectOption("count");

    await job.getByRole("region", { name: "Value" }).getByText("4", { exact: true }).waitFor();
  });
});

describe("sign-up", () => {
  it("asks about an address that looks misspelt, and makes one user either way", async ({
    expect,
  }) => {
    await view.giveToken();
    const job = await view.open("Sign up");
    const verdict = job.getByRole("region", { name: "Verdict" });
    const signUp = async (email: string): Promise<void> => {
      await job.getByLabel("Name").fill("Ada");
      await job.getByLabel("E-mail").fill(email);
      await job.getByRole("button", { name: "Sign up" }).click();
    };

    await signUp("ada@gmial.com");
    await job.getByRole("button", { name: "Use it" }).click();
    await verdict.getByText("deliverable").waitFor();
    expect(await job.getByLabel("E-mail").inputValue()).toBe("ada@gmail.com");
    await signUp("bob@gmial.com");
    await job.getByRole("button", { name: "Keep bob@gmial.com" }).click();
    await verdict.getByText("risky").waitFor();

    await job.getByRole("cell", { name: "bob@gmial.com" }).waitFor();
    expect(await job.getByRole("cell", { name: "ada@gmail.com" }).isVisible()).toBe(true);
    expect(await job.getByRole("cell", { name: "ada@gmial.com" }).count()).toBe(0);
  });
});

describe("tasks", () => {
  it("shows whom to answer, and what a form has sent beside", async ({ expect }) => {
    const metadata = { plot: "Small", grows: ["fruit", "flowers"] };
    await world.create("/tasks", { title: "Asked", reply_to: "ada@gmail.com", metadata });
    await view.giveToken();
    const job = await view.open("Tasks");

    await job.getByRole("button", { name: /^Asked/ }).click();

    const task = job.getByRole("region", { name: "Task Asked" });
    const answer = task.getByRole("link", { name: "ada@gmail.com" });
    expect(await answer.getAttribute("href")).toBe("mailto:ada%40gmail.com");
    expect(await task.getByRole("definition").allInnerTexts()).toEqual([
      "ada@gmail.com",
      "Small",
      '["fruit","flowers"]',
    ]);
  });

  it("shows deliveries as they happen, moves the task on and resends", async ({ expect }) => {
    await view.giveToken();
    const job = await view.open("Tasks");
    await job.getByLabel("Title").fill("Order the paper");
    await job.getByLabel("Priority").selectOption("high");
    await job.getByLabel("Channels to tell").fill("deaf");

    await job.getByRole("button", { name: "File the task" }).click();

    const task = job.getByRole("region", { name: "Task Order the paper" });
    await task.getByText("delivered", { exact: true }).waitFor();
    await task.getByText("failed", { exact: true }).waitFor();
    expect(await task.getByRole("list").innerText()).toMatch(
      /deaf task\.created\s+1 attempt · status 400/,
    );
    await task.getByRole("button", { name: "Start" }).click();
    await task.getByText("in progress", { exact: true }).waitFor();
    await task.getByRole("button", { name: "Done" }).click();
    await task.getByText("done", { exact: true }).waitFor();
    await job.getByRole("button", { name: /Order the paper.*done/ }).waitFor();

    const before = world.upstreams.requests.length;
    await task.getByRole("button", { name: "Resend task.created to deaf" }).click();
    await expect.poll(() => world.upstreams.requests.length).toBeGreaterThan(before);
  });
});
