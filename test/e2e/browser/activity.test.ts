// The panel for the morning, by clicking: what failed is seen and sent again, records are found and deleted.
import { afterAll, beforeAll, describe, it } from "vitest";

import { openConsole } from "../../support/node/console-page";
import { loadAxe } from "../../support/node/objections";
import { type ConsoleWorld, startConsoleWorld } from "../../support/node/console-world";

let world: ConsoleWorld;

beforeAll(async () => {
  world = await startConsoleWorld();
  await world.create("/tasks", { title: "Unheard", notify: ["deaf"] });
  await world.create("/users", { name: "Sari", email: "sari@activity.example" });
  await world.create("/users", { name: "Dewi", email: "dewi@activity.example" });
  await world.untilFailed(1);
});
afterAll(() => world.stop());

async function openActivity() {
  const view = await openConsole(world.browser, world.server.origin);
  await view.giveToken();
  return { view, job: await view.open("Activity") };
}

describe("Activity", () => {
  it("shows what failed with its attempts, and sends it again", async ({ expect }) => {
    const { view, job } = await openActivity();
    const failed = job.getByRole("region", { name: "Failed notifications" });

    await failed.getByText("Attempts").click();
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
