// The console in a real Chromium: each of the five jobs done by clicking and typing.
import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";

import { startChromium } from "../../support/node/chromium";
import { type ConsolePage, openConsole } from "../../support/node/console-page";
import { type DnsResolver, startDnsResolver } from "../../support/node/dns-resolver";
import { type Serentak, startSerentak } from "../../support/node/serentak";
import { startUpstreams, type Upstreams } from "../../support/node/upstreams";

let server: Serentak;
let upstreams: Upstreams;
let dns: DnsResolver;
let browser: Browser;
let view: ConsolePage;

beforeAll(async () => {
  [upstreams, dns, browser] = await Promise.all([
    startUpstreams(),
    startDnsResolver(),
    startChromium(),
  ]);
  const channels = {
    ops: { type: "ntfy", url: upstreams.url("/echo"), events: ["task.*"] },
    gone: { type: "ntfy", url: upstreams.url("/fail?status=410") },
  };
  server = await startSerentak({
    DNS_RESOLVER_URL: dns.url,
    CHANNELS: JSON.stringify(channels),
  });
});
afterAll(() => Promise.all([server.stop(), upstreams.close(), dns.close(), browser.close()]));

beforeEach(async () => {
  view = await openConsole(browser, server.origin);
});
afterEach(async ({ expect }) => {
  // A refusal that a test provokes is reported by the browser itself; nothing else may be.
  const provoked = /^Failed to load resource: the server responded with a status of 4\d\d/;
  expect(view.complaints.filter((text) => !provoked.test(text))).toEqual([]);
  expect([...view.origins]).toEqual([server.origin]);
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

    await job.getByText("as fast as one after another").waitFor();
    const rows = job.locator("li[data-outcome=ok]");
    expect(await rows.count()).toBe(3);
    expect(await rows.first().innerText()).toMatch(/\/health\s+200\s.*\d ms/s);
    const totals = await job.locator(".saving").innerText();
    expect(totals).toMatch(/One after another\s+[\d.]+ m?s\s+All at once\s+[\d.]+ m?s/);
  });

  it("shows each receipt as it arrives, with its attempts and the reason of a failure", async ({
    expect,
  }) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("URL 1", { exact: true }).fill(upstreams.url("/hang"));
    await job.getByLabel("URL 2", { exact: true }).fill(upstreams.url("/flap?times=1&key=console"));
    await job.getByLabel("URL 3", { exact: true }).fill(upstreams.url("/fail?status=404"));
    await job.getByText("Options").click();
    await job.getByLabel("Timeout in ms").fill("1200");
    await job.getByLabel("Retries").fill("1");

    await job.getByRole("button", { name: "Ask them all" }).click();

    const [hanging, flapping, missing] = [0, 1, 2].map((place) =>
      job.locator("ol > li").nth(place),
    );
    await flapping?.getByText("2 attempts").waitFor();
    expect(await hanging?.getAttribute("data-outcome")).toBe("waiting");
    expect(await missing?.innerText()).toContain("404");
    await hanging?.getByText("timeout", { exact: true }).waitFor();
    expect(await job.getByText(/3 calls in .*: 2 answered, 1 failed/).isVisible()).toBe(true);
    const bars = job.locator("rect.bar");
    expect(await widthOf(bars.nth(0))).toBeGreaterThan(2 * (await widthOf(bars.nth(2))));
  });

  it("names the URL that was refused, at its field", async ({ expect }) => {
    const job = await view.open("Retrieve");
    await job.getByLabel("URL 2", { exact: true }).fill("ftp://example.com/");

    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByRole("alert").getByText("The body does not fit the schema").waitFor();
    const field = job.getByLabel("URL 2", { exact: true });
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await field.evaluate((input) => input.parentElement?.innerText)).toContain(
      "Only http: and https: URLs",
    );
  });

  it("shows the call as curl and as client code, to be copied", async ({ expect }) => {
    await view.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const job = await view.open("Retrieve");
    await job.getByRole("button", { name: "Ask them all" }).click();

    await job.getByRole("button", { name: "Copy the curl code" }).click();

    await job.getByText("Copied").waitFor();
    const copied = await view.page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`curl -X POST '${server.origin}/external-api'`);
    expect(await job.getByLabel("JavaScript code", { exact: true }).innerText()).toContain(
      `from "${server.origin}/client.js"`,
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

  it("asks for the parameters of an operation and shows what it refuses", async ({ expect }) => {
    const job = await view.open("Transform");
    await job.getByRole("button", { name: "Remove step 2" }).click();

    await job.getByLabel("Operation 1").selectOption("truncate");
    await job.getByRole("alert").getByText("The body does not fit the schema").waitFor();
    expect(await job.getByText(/"truncate" needs length/).count()).toBeGreaterThan(0);
    await job.getByLabel("Length (needed)").fill("4");

    await job.getByRole("cell", { name: "hel…" }).waitFor();
    expect(await job.getByRole("alert").count()).toBe(0);
  });

  it("shows the one value of a summary", async () => {
    const job = await view.open("Transform");
    await job.getByRole("button", { name: "Remove step 2" }).click();

    await job.getByLabel("Operation 1").selectOption("count");

    await job.getByRole("region", { name: "Value" }).getByText("4", { exact: true }).waitFor();
  });
});

describe("sign-up", () => {
  it("shows the verdict, offers the likely address and lists who is there", async ({ expect }) => {
    await view.giveToken();
    const job = await view.open("Sign up");
    await job.getByLabel("Name").fill("Ada");
    await job.getByLabel("E-mail").fill("ada@gmial.com");

    await job.getByRole("button", { name: "Sign up" }).click();

    const verdict = job.getByRole("region", { name: "Verdict" });
    await verdict.getByText("risky").waitFor();
    await job.getByRole("button", { name: "Use it" }).click();
    expect(await job.getByLabel("E-mail").inputValue()).toBe("ada@gmail.com");
    await job.getByRole("button", { name: "Sign up" }).click();
    await verdict.getByText("deliverable").waitFor();
    await job.getByRole("cell", { name: "ada@gmail.com" }).waitFor();
    expect(await job.getByRole("cell", { name: "ada@gmial.com" }).isVisible()).toBe(true);
  });

  it("says why an address is refused, at its field", async ({ expect }) => {
    dns.set("nowhere.example", "no-such-domain");
    const job = await view.open("Sign up");
    await job.getByLabel("Name").fill("Bo");
    await job.getByLabel("E-mail").fill("bo@nowhere.example");

    await job.getByRole("button", { name: "Sign up" }).click();

    await job.getByRole("alert").getByText("The e-mail cannot receive mail").waitFor();
    const field = await job
      .getByLabel("E-mail")
      .evaluate((input) => input.parentElement?.innerText);
    expect(field).toContain("The domain does not exist.");
    expect(await job.getByText("Give a token above to see them.").isVisible()).toBe(true);
  });
});

describe("tasks", () => {
  it("shows deliveries as they happen, moves the task on and resends", async ({ expect }) => {
    await view.giveToken();
    const job = await view.open("Tasks");
    await job.getByLabel("Title").fill("Order the paper");
    await job.getByLabel("Priority").selectOption("high");
    await job.getByLabel("Channels to tell").fill("gone");

    await job.getByRole("button", { name: "File the task" }).click();

    const task = job.getByRole("region", { name: "Task Order the paper" });
    await task.getByText("delivered", { exact: true }).waitFor();
    await task.getByText("failed", { exact: true }).waitFor();
    expect(await task.getByRole("list").innerText()).toMatch(
      /gone task\.created\s+1 attempt · status 410/,
    );
    await task.getByRole("button", { name: "Start" }).click();
    await task.getByText("in progress", { exact: true }).waitFor();
    await task.getByRole("button", { name: "Done" }).click();
    await task.getByText("done", { exact: true }).waitFor();
    await job.getByRole("button", { name: /Order the paper.*done/ }).waitFor();

    const before = upstreams.requests.length;
    await task.getByRole("button", { name: "Resend task.created to gone" }).click();
    await expect.poll(() => upstreams.requests.length, { timeout: 10_000 }).toBeGreaterThan(before);
  });

  it("names the channel that does not exist", async ({ expect }) => {
    const job = await view.open("Tasks");
    await job.getByLabel("Title").fill("Order the ink");
    await job.getByLabel("Channels to tell").fill("nobody");

    await job.getByRole("button", { name: "File the task" }).click();

    await job.getByRole("alert").getByText("#/notify/0").waitFor();
    expect(await job.getByLabel("Channels to tell").getAttribute("aria-invalid")).toBe("true");
  });
});

describe("batches", () => {
  it("follows a batch, pauses, resumes and cancels it, also after a reload", async ({ expect }) => {
    let job = await view.open("Batches");
    const urls = Array.from({ length: 400 }, (_, n) =>
      upstreams.url(`/delay?ms=150&n=${String(n)}`),
    );
    await job.getByLabel("Items", { exact: true }).fill(urls.join("\n"));

    await job.getByRole("button", { name: "Run the batch" }).click();

    const done = async (): Promise<number> =>
      Number(await job.getByRole("progressbar").getAttribute("aria-valuenow"));
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(0);
    await job.getByText(/^[\d.,]+ \/ s$/).waitFor();
    await job.getByRole("button", { name: "Pause" }).click();
    await job.getByText("paused", { exact: true }).waitFor();
    const atPause = await done();
    expect(atPause).toBeLessThan(400);

    await view.page.reload();
    job = view.page.getByRole("region", { name: "Batches", exact: true });
    await job.getByRole("button", { name: "Resume" }).click();
    await expect.poll(done, { timeout: 10_000 }).toBeGreaterThan(atPause);
    await job.getByRole("button", { name: "Cancel" }).click();
    await job.getByText("cancelled", { exact: true }).waitFor();
    expect(await widthOf(job.locator("rect.succeeded"))).toBeGreaterThan(0);
  });

  it("finishes, shows what failed, retries it and gives the results as files", async ({
    expect,
  }) => {
    const job = await view.open("Batches");
    await job.getByLabel("What to do").selectOption("operations");
    await job.getByLabel("Operation 1").selectOption("json_parse");
    await job.getByLabel("Items", { exact: true }).fill('{"a":1}\nnot json\n[2]');

    await job.getByRole("button", { name: "Run the batch" }).click();

    await job.getByText("completed", { exact: true }).waitFor();
    expect(await job.getByRole("progressbar").getAttribute("aria-valuetext")).toBe(
      "3 of 3, 1 failed",
    );
    await job.getByLabel("failed only").check();
    await job.getByRole("cell", { name: "succeeded" }).first().waitFor({ state: "detached" });
    expect(await job.getByRole("row").count()).toBe(2);
    await job.getByLabel("failed only").uncheck();
    const download = view.page.waitForEvent("download");
    await job.getByRole("button", { name: /NDJSON/ }).click();
    expect(
      (await textOf(await (await download).createReadStream())).trim().split("\n"),
    ).toHaveLength(3);

    await job.getByRole("button", { name: "Retry the failed" }).click();
    await job.getByText("completed", { exact: true }).waitFor();
    expect(await job.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("3");
  });

  it("says which items cannot be taken", async () => {
    const job = await view.open("Batches");
    await job.getByLabel("What to do").selectOption("users");
    await job.getByText("A JSON array").click();
    await job.getByLabel("Items", { exact: true }).fill('[{"name":"Ada","email":"ada"}]');

    await job.getByRole("button", { name: "Run the batch" }).click();

    await job.getByRole("alert").getByText("#/items/0/email").waitFor();
  });
});

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
