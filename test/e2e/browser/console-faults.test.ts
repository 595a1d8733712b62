// Display of the Worker's refusals in the console: at the right field, in the Worker's words.
import type { Browser } from "playwright-core";
import { afterEach, beforeAll, beforeEach, it } from "vitest";

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

it("a URL that is refused is named at its field, whatever stands blank before it", async ({
  expect,
}) => {
  const job = await view.open("Retrieve");
  await job.getByLabel("URL 1", { exact: true }).fill("");
  await job.getByLabel("URL 2", { exact: true }).fill("ftp://example.com/");

  await job.getByRole("button", { name: "Ask them all" }).click();

  const note = job.getByRole("alert");
  await note.getByText("The body does not fit the schema").waitFor();
  expect(await note.innerText()).toContain("See the fields that are marked.");
  const invalid = job.locator("[aria-invalid]");
  const field = job.getByLabel("URL 2", { exact: true });
  expect(await invalid.count()).toBe(1);
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await field.evaluate((input) => input.parentElement?.innerText)).toContain(
    "Only http: and https: URLs",
  );
  // The fault stays with its row.
  await job.getByRole("button", { name: "Remove URL 1" }).click();
  expect(await job.getByLabel("URL 1", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  expect(await invalid.count()).toBe(1);
});

it("what a fault quotes is not taken for marks", async ({ expect }) => {
  const job = await view.open("Transform");
  await job.getByRole("button", { name: "Remove step 2" }).click();
  await job.getByLabel("Operation 1").selectOption("filter");

  await job.getByLabel("Expression").fill("age > `1 8`");

  const said = job.getByText("not JSON between backticks");
  await said.first().waitFor();
  expect(await said.count()).toBe(1);
});

it("an option that is refused is unfolded", async ({ expect }) => {
  const job = await view.open("Retrieve");
  const [options, field] = [job.getByText("Options"), job.getByLabel("Retries")];
  await options.click();
  await field.fill("99");
  await options.click();

  await job.getByRole("button", { name: "Ask them all" }).click();

  await field.waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
});

it("an address that is refused is told at its field", async ({ expect }) => {
  world.dns.set("nowhere.example", "no-such-domain");
  const job = await view.open("Sign up");
  await job.getByLabel("Name").fill("Bo");
  await job.getByLabel("E-mail").fill("bo@nowhere.example");

  await job.getByRole("button", { name: "Sign up" }).click();

  await job.getByRole("alert").getByText("The e-mail cannot receive mail").waitFor();
  const field = await job.getByLabel("E-mail").evaluate((input) => input.parentElement?.innerText);
  expect(field).toContain("The domain does not exist.");
  expect(await job.getByText("Give a token above to see them.").isVisible()).toBe(true);
});

it("an address that is taken is told at its field", async ({ expect }) => {
  const job = await view.open("Sign up");
  await job.getByLabel("Name").fill("Cy");
  await job.getByLabel("E-mail").fill("cy@example.com");
  const signUp = job.getByRole("button", { name: "Sign up" });

  await signUp.click();
  await job.getByText("Cy is signed up as").waitFor();
  await signUp.click();

  await job.getByRole("alert").getByText("409").waitFor();
  expect(await job.getByLabel("E-mail").getAttribute("aria-invalid")).toBe("true");
});

it("a channel that does not exist is named, of a task and of a batch", async ({ expect }) => {
  let job = await view.open("Tasks");
  await job.getByLabel("Title").fill("Order the ink");
  await job.getByLabel("Channels to tell").fill("nobody");
  await job.getByRole("button", { name: "File the task" }).click();
  await job.getByText("Channel 1").waitFor();
  expect(await job.getByText("Channel 1").count()).toBe(1);
  const channels = job.getByLabel("Channels to tell");
  expect(await channels.getAttribute("aria-invalid")).toBe("true");
  await channels.and(view.page.locator(":focus")).waitFor();

  job = await view.open("Batches");
  await job.getByText("Options").click();
  await job.getByLabel("Channels to tell").fill("ops, nobody");
  await job.getByText("Options").click();
  await job.getByRole("button", { name: "Run the batch" }).click();
  const field = job.getByLabel("Channels to tell");
  // Folded away, nobody would see it.
  await field.waitFor();
  expect(await field.evaluate((input) => input.parentElement?.innerText)).toContain("Channel 2: ");
});

it("items are counted from 1, and each of their faults stands once, at their field", async ({
  expect,
}) => {
  const job = await view.open("Batches");
  await job.getByLabel("What to do").selectOption("users");
  await job
    .getByLabel("Items", { exact: true })
    .fill('[{"name":"Ada","email":"ada@example.com"},{"name":"Bo","email":"bo"}]');

  await job.getByRole("button", { name: "Run the batch" }).click();

  await job.getByText("Item 2, email: The address has no @").waitFor();
  expect(await job.getByText("Item 2").count()).toBe(1);
  const field = job.getByLabel("Items", { exact: true });
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await field.evaluate((input) => input.parentElement?.innerText)).toContain(
    "Item 2, email: The address has no @",
  );
});

it("a batch that is gone is forgotten", async ({ expect }) => {
  await view.page.evaluate(() =>
    sessionStorage.setItem("serentak-batch", "5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11"),
  );
  await view.page.reload();
  const job = await view.open("Batches");

  await job.getByText("The last batch of this tab is gone").waitFor();

  expect(await job.getByRole("alert").allInnerTexts()).not.toContainEqual(
    expect.stringMatching(/./),
  );
  expect(await view.page.evaluate(() => sessionStorage.getItem("serentak-batch"))).toBeNull();
});
