// The token of the console: accepted or not, shown, forgotten; and refusals that are told once.
import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, it } from "vitest";

import { sharedChromium } from "../../support/node/chromium";
import { type ConsolePage, openConsole } from "../../support/node/console-page";
import { sharedWorld, type World } from "../../support/node/world";

let server: World["server"];
let browser: Browser;
let view: ConsolePage;

beforeAll(async () => {
  [{ server }, browser] = await Promise.all([sharedWorld(), sharedChromium()]);
});
beforeEach(async () => {
  view = await openConsole(browser, server.origin);
});
afterEach(() => view.close());

const hint = (page: Page) => page.locator("#token-hint");

it("A token is told to be accepted, can be shown, and is forgotten", async ({ expect }) => {
  await view.giveToken();
  await hint(view.page).getByText("Accepted.").waitFor();
  const field = view.page.getByLabel("Token", { exact: true });
  expect(await field.getAttribute("type")).toBe("password");
  await view.page.getByRole("button", { name: "Show the token" }).press("Enter");
  expect([await field.getAttribute("type"), await field.inputValue()]).toEqual(["text", "dev"]);
  const job = await view.open("Activity");
  await job.getByRole("region", { name: "Channels" }).waitFor();

  await view.page.getByRole("button", { name: "Forget the token" }).press("Enter");

  await job.getByText("Give a token above to see them.").waitFor();
  expect(await field.inputValue()).toBe("");
  expect(await view.page.evaluate(() => sessionStorage.length)).toBe(0);
});

it("A token that is not accepted is told so once, and asks for no lists", async ({ expect }) => {
  await view.page.getByLabel("Token", { exact: true }).fill("wrong");
  await view.page.getByLabel("Token", { exact: true }).press("Enter");
  await hint(view.page).getByText("Not accepted.").waitFor();

  const job = await view.open("Activity");

  await job.getByText("The token above is not accepted: see API_TOKENS.").waitFor();
  expect(await job.getByRole("alert").count()).toBe(0);
  expect(view.requests.filter((one) => /users|channels|notifications/.test(one))).toHaveLength(1);
});

it("A Worker that refuses for now is told once, and asked again by a button", async ({
  expect,
}) => {
  const body = {
    type: `${server.origin}/problems/unavailable`,
    title: "The platform refuses for now",
    status: 503,
    detail: "Try again at 00:00 UTC.",
    code: "unavailable",
    request_id: "r1",
  };
  await view.page.route("**/users?*", (route) =>
    route.fulfill({
      status: 503,
      headers: { "Retry-After": "7200" },
      contentType: "application/problem+json",
      body: JSON.stringify(body),
    }),
  );
  await view.giveToken();
  const job = await view.open("Activity");
  await job.getByRole("alert").getByText(body.title).waitFor();
  expect(await job.getByRole("alert").count()).toBe(1);

  await view.page.unroute("**/users?*");
  await job.getByRole("button", { name: "Try again" }).click();

  await job.getByRole("region", { name: "Newest tasks" }).waitFor();
});
