// Batches in the console, in a real Chromium: followed, steered, and their results read.
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

const CANCELLED = {
  operation: "uppercase",
  status: "cancelled",
  total: 5,
  failed: 0,
  created_at: "2026-01-01T00:00:00.000Z",
  started_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-08T00:00:00.000Z",
  items_per_second: null,
  eta_ms: null,
  summary: null,
  summary_error: null,
  links: {},
};

describe("batches", () => {
  it("follows a batch, pauses, resumes and cancels it, also after a reload", async ({ expect }) => {
    let job = await view.open("Batches");
    // A few end at once; the others are held, twenty until it is resumed and the rest until it is cancelled.
    const urls = Array.from({ length: 400 }, (_, n) => {
      const gate = n < 40 ? "resumed" : "cancelled";
      return world.upstreams.url(`/${n < 20 ? "echo" : "when"}?of=${gate}&item=${String(n)}`);
    });
    await job.getByLabel("Items", { exact: true }).fill(urls.join("\n"));

    await job.getByRole("button", { name: "Run the batch" }).click();

    const done = async (): Promise<number> =>
      Number(await job.getByRole("progressbar").getAttribute("aria-valuenow"));
    await expect.poll(done).toBeGreaterThan(0);
    await job.getByText(/^[\d.,]+ \/ s$/).waitFor();
    await job.getByRole("button", { name: "Pause" }).click();
    await job.getByText("paused", { exact: true }).waitFor();
    const atPause = await done();
    expect(atPause).toBeLessThan(400);

    await view.page.reload();
    job = view.page.getByRole("region", { name: "Batches", exact: true });
    await job.getByRole("button", { name: "Resume" }).click();
    world.upstreams.release("resumed");
    await expect.poll(done).toBeGreaterThan(atPause);
    await job.getByRole("button", { name: "Cancel" }).click();
    await job.getByText("cancelled", { exact: true }).waitFor();
    expect(await widthOf(job.locator("rect.succeeded"))).toBeGreaterThan(0);
  });

  it("is over, once cancelled, when what was under way is in", async ({ expect }) => {
    const id = "5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11";
    const ending = { ...CANCELLED, id, succeeded: 1, pending: 4, finished_at: null };
    const over = { ...ending, succeeded: 2, pending: 3, finished_at: "2026-01-01T00:00:01.000Z" };
    const events = [
      `retry: 1\nevent: progress\nid: 1\ndata: ${JSON.stringify(ending)}\n\n`,
      `event: end\nid: 2\ndata: ${JSON.stringify(over)}\n\n`,
    ];
    const { promise: seen, resolve: see } = Promise.withResolvers<void>();
    await view.page.route("**/events", async (route) => {
      const body = events.shift() ?? "";
      if (events.length === 0) await seen;
      await route.fulfill({ contentType: "text/event-stream", body });
    });
    const results = [{ index: 0, status: "succeeded", output: "first", attempts: 1 }];
    await view.page.route("**/results?*", (route) =>
      route.fulfill({ json: { results, next_cursor: null } }),
    );
    await view.page.evaluate((key) => sessionStorage.setItem("serentak-batch", key), id);
    await view.page.reload();
    const job = await view.open("Batches");

    await job.getByText("What is under way still comes in.").waitFor();
    await job.getByRole("cell", { name: "first" }).waitFor();
    results.push({ index: 1, status: "succeeded", output: "last", attempts: 1 });
    see();

    await job.getByRole("cell", { name: "last" }).waitFor();
    expect(await job.getByText("2 / 5").isVisible()).toBe(true);
    expect(await job.getByText("What is under way still comes in.").count()).toBe(0);
  });

  it("shows its results with their input, page by page", async ({ expect }) => {
    const job = await view.open("Batches");
    await job.getByLabel("What to do").selectOption("operations");
    await job.getByLabel("Operation 1").selectOption("uppercase");
    const words = Array.from({ length: 45 }, (_, n) => `word ${String(n)}`);
    await job.getByLabel("Items", { exact: true }).fill(words.join("\n"));
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByText("completed", { exact: true }).waitFor();

    const rows = () => job.getByRole("row").count();
    const next = job.getByRole("button", { name: "Next page of the results" });
    for (const last of [19, 39, 44]) {
      await job.getByRole("cell", { name: `WORD ${String(last)}`, exact: true }).waitFor();
      // The first of them is the head.
      expect(await rows()).toBe(last === 44 ? 6 : 21);
      if (last < 44) await next.press("Enter");
    }
    expect(await job.getByRole("row").last().innerText()).toMatch(/45\s.*word 44\s+WORD 44/s);
    expect(await next.getAttribute("aria-disabled")).toBe("true");
    await job.getByRole("button", { name: "Previous page of the results" }).press("Enter");
    await job.getByRole("cell", { name: "WORD 39", exact: true }).waitFor();
  });

  it("takes a file of people once its faulty row is mended, and gives their ids as CSV", async ({
    expect,
  }) => {
    const job = await view.open("Batches");
    const people = (email: string) => ({
      name: "people.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(`name,email\nAda,ada@rows.example\n"Eve, or Eva",${email}\n`),
    });
    await job.getByLabel("What to do").selectOption("users");
    await job.getByLabel("Or a file").setInputFiles(people("eve"));
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByText("Line 3, email: The address has no @").waitFor();

    await job.getByLabel("Or a file").setInputFiles(people("eve@rows.example"));
    await job.getByRole("button", { name: "Run the batch" }).click();
    await job.getByText("2 / 2").waitFor();
    await job.getByText("completed", { exact: true }).waitFor();
    const download = view.page.waitForEvent("download");
    await job.getByRole("button", { name: /CSV/ }).click();
    const rows = (await textOf(await (await download).createReadStream())).trim().split("\n");
    expect(rows).toHaveLength(3);
    for (const row of rows.slice(1)) expect(row).toContain("succeeded");
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
    // The first of them is the head.
    await expect.poll(() => job.getByRole("row").count()).toBe(4);
    await job.getByRole("cell", { name: "not json", exact: true }).waitFor();
    await job.getByLabel("failed only").check();
    await expect.poll(() => job.getByRole("row").count()).toBe(2);
    expect(await job.getByRole("cell", { name: "failed" }).count()).toBe(1);
    await job.getByLabel("failed only").uncheck();
    const download = view.page.waitForEvent("download");
    await job.getByRole("button", { name: /NDJSON/ }).click();
    expect(
      (await textOf(await (await download).createReadStream())).trim().split("\n"),
    ).toHaveLength(3);

    const retried = view.page.waitForResponse((response) => response.url().endsWith("/retry"));
    await job.getByRole("button", { name: "Retry what is left" }).click();
    expect((await retried).status()).toBe(202);
    await job.getByText("completed", { exact: true }).waitFor();
    await expect.poll(() => job.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("3");
  });
});

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
