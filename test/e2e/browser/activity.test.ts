// The panel for the morning, by clicking: what failed is seen and sent again, records are found and deleted.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { openConsole } from "../../support/node/console-page";
import { loadAxe } from "../../support/node/objections";
import { type OwnWorld, startWorld } from "../../support/node/world";

let browser: Browser;
let world: OwnWorld;

beforeAll(async () => {
  [world, browser] = await Promise.all([startWorld(), sharedChromium()]);
  await world.create("/tasks", { title: "Unheard", notify: ["deaf"] });
  await world.create("/users", { name: "Sari", email: "sari@activity.example" });
  await world.create("/users", { name: "Dewi", email: "dewi@activity.example" });
  await world.untilFailed(1);
});
afterAll(() => world.stop());

async function openActivity() {
  const view = await openConsole(browser, world.server.origin);
  await view.giveToken();
  return { view, job: await view.open("Activity") };
}

describe("Activity", () => {
  it("shows what failed with its attempts, and sends it again", async ({ expect }) => {
    const { view, job } = await openActivity();
    const failed = job.getByRole("region", { name: "Failed notifications" });

    await failed.getByText("Details").click();
    await failed.getByRole("listitem").filter({ hasText: " · 400 · " }).last().waitFor();
    await failed.getByRole("button", { name: "Send again task.created to deaf" }).click();
    await world.untilFailed(1);

    expect(view.requests.filter((one) => one.endsWith("/resend"))).toHaveLength(1);
    expect(view.complaints).toEqual([]);
    expect([...view.origins]).toEqual([world.server.origin]);
    await view.close();
  });

  it("sends everything that failed again with one button, and steers a channel", async ({
    expect,
  }) => {
    const { view, job } = await openActivity();
    const channels = job.getByRole("region", { name: "Channels" });

    await channels.getByRole("button", { name: "Pause (deaf)" }).click();
    await channels.getByRole("button", { name: "Go on (deaf)" }).click();
    await channels.getByRole("button", { name: "Send failed ones again (deaf)" }).click();
    await channels.getByRole("button", { name: "Pause (deaf)" }).waitFor();
    await world.untilFailed(1);

    const paths = view.requests.map((one) => one.replace(world.server.origin, ""));
    expect(paths).toContain("POST /channels/deaf/replay");
    await view.close();
  });

  it("finds a batch among many by status and label, page by page, opens and retries it", async ({
    expect,
  }) => {
    for (let n = 0; n < 12; n += 1)
      await world.create("/batch-process", { operation: "uppercase", items: ["a"] });
    await world.create("/batch-process", {
      operation: "json_parse",
      items: ["1", "{"],
      label: "Half of it",
    });
    const { view, job } = await openActivity();
    const batches = job.getByRole("region", { name: "All batches" });
    await batches.getByRole("button", { name: "Next page of All batches" }).press("Enter");
    await expect.poll(() => batches.getByRole("listitem").count()).toBe(3);
    await batches.getByRole("button", { name: "Previous page of All batches" }).press("Enter");
    await expect.poll(() => batches.getByRole("listitem").count()).toBe(10);

    await batches.getByLabel("Status of the batches").selectOption("completed");
    await batches.getByLabel("Label of the batches").fill("Half of it");
    await batches.getByLabel("Label of the batches").press("Enter");
    await expect.poll(() => batches.getByRole("listitem").count()).toBe(1);
    await batches.getByRole("button", { name: "Open Half of it" }).press("Enter");
    const card = batches.getByRole("region", { name: "Batch", exact: true });
    await card.getByRole("button", { name: "Retry what is left" }).waitFor();
    await loadAxe(view.page);
    const { violations } = await view.page.evaluate(() => window.axe.run());
    expect(violations.map(({ id }) => id)).toEqual([]);
    await batches.getByRole("button", { name: "Close Half of it" }).click();
    expect(await card.count()).toBe(0);
    expect(view.complaints).toEqual([]);
    await view.close();
  });

  it("finds a person, and deletes them only when asked twice", async ({ expect }) => {
    const { view, job } = await openActivity();
    const people = job.getByRole("region", { name: "Newest sign-ups" });
    await people.getByText("dewi@activity.example").waitFor();

    await people.getByLabel("Search users").fill("sari@");
    await people.getByText("dewi@activity.example").waitFor({ state: "detached" });
    const remove = people.getByRole("button", { name: /Delete|Really delete/ });
    await remove.click();
    expect(await people.getByText("sari@activity.example").count()).toBe(1);
    await remove.click();
    await people.getByText("None is found.").waitFor();
    await view.close();
  });

  it("changes a person by keyboard alone, with faults at their field", async ({ expect }) => {
    await world.create("/users", { name: "Wayan", email: "wayan@activity.example" });
    const { view, job } = await openActivity();
    const people = job.getByRole("region", { name: "Newest sign-ups" });
    const { keyboard } = view.page;

    await people.getByRole("button", { name: "Edit Wayan" }).press("Enter");
    const name = people.getByLabel("Name");
    await name.and(view.page.locator(":focus")).waitFor();
    await name.fill("");
    await keyboard.press("Enter");
    await people.getByText("See the fields that are marked.").waitFor();
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    await keyboard.type("Wayan Dwi");
    await keyboard.press("Enter");

    await people.getByRole("button", { name: "Edit Wayan Dwi" }).waitFor();
    expect(await people.getByRole("textbox").count()).toBe(0);
    await view.close();
  });

  it("changes a task where it is listed, and keeps what was not touched", async ({ expect }) => {
    const due_at = "2099-01-31T08:15:42.000Z";
    await world.create("/tasks", { title: "Paper", description: "One\nTwo", due_at });
    const { view, job } = await openActivity();
    const tasks = job.getByRole("region", { name: "Newest tasks" });

    await tasks.getByRole("button", { name: "Edit Paper" }).click();
    await tasks.getByLabel("Status").selectOption("in_progress");
    await tasks.getByLabel("Description").fill("Three\nFour");
    const sent = view.page.waitForRequest((request) => request.method() === "PATCH");
    await tasks.getByRole("button", { name: "Save" }).click();

    expect((await sent).postDataJSON()).toEqual({
      description: "Three\nFour",
      status: "in_progress",
    });
    await tasks.getByText("in progress").waitFor();
    await view.close();
  });

  it("sends everything again that failed, on every channel, with one button", async ({
    expect,
  }) => {
    const { view, job } = await openActivity();
    const replayed = view.page.waitForResponse((response) => response.url().endsWith("/replay"));

    await job.getByRole("button", { name: "Send all again" }).click();

    expect((await replayed).status()).toBe(202);
    await world.untilFailed(1);
    await view.close();
  });

  it("names the tab, and tells it apart where the system forces its colours", async ({
    expect,
  }) => {
    const { view } = await openActivity();
    await expect.poll(() => view.page.title()).toBe("Activity – Serentak");
    await view.page.emulateMedia({ forcedColors: "active" });
    const decoration = (name: string) =>
      view.page
        .getByRole("link", { name, exact: true })
        .evaluate((link) => getComputedStyle(link).textDecorationLine);
    expect([await decoration("Activity"), await decoration("Tasks")]).toEqual([
      "underline",
      "none",
    ]);
    await loadAxe(view.page);
    const { violations } = await view.page.evaluate(() => window.axe.run());
    expect(violations.map(({ id }) => id)).toEqual([]);
    await view.close();
  });
});
