// Takes the README's pictures of the console: a real browser on a real Worker, with upstreams on this
// machine that take their time. Writes docs/console-light.png, -dark.png, -phone.png and -activity.png.
import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const OUT = "docs";
const DESKTOP = { viewport: { width: 1200, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true };

/** Milliseconds until each answers. */
const UPSTREAMS = { weather: 180, rates: 340, news: 90, stock: 270, reviews: 130, parcels: 40 };

/** The tests' own helpers, which are TypeScript for a bundler. */
async function loadHelpers() {
  const names = ["serentak", "chromium"];
  await build({
    entryPoints: names.map((name) => `test/support/node/${name}.ts`),
    outdir: "dist/support/node",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "warning",
  });
  const modules = names.map((name) => import(`../dist/support/node/${name}.mjs`));
  return Object.assign({}, ...(await Promise.all(modules)));
}

/** `/news` fails at first, `/reviews` and some parcels are not found, `/desk` takes no message. */
async function startUpstreams() {
  let newsCalls = 0;
  const statusOf = (name, rest) => {
    if (name === "news") return (newsCalls += 1) === 1 ? 503 : 200;
    if (name === "desk") return 400;
    return name === "reviews" || Number(rest) % 31 === 30 ? 404 : 200;
  };
  const server = createServer((request, response) => {
    const [, name = "", rest] = request.url.split("/");
    setTimeout(() => {
      response.writeHead(statusOf(name, rest), {
        "Content-Type": "application/json",
        ...(name === "desk" && { "webhook-delivery": "abort-message" }),
      });
      response.end(JSON.stringify({ from: name }));
    }, UPSTREAMS[name] ?? 0);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, origin: `http://localhost:${server.address().port}` };
}

async function retrieve(page, upstream) {
  const names = ["weather", "rates", "news", "stock", "reviews"];
  const add = page.getByRole("button", { name: "Add a URL" });
  for (let place = 1; place <= names.length; place += 1) {
    if (place > 3) await add.click();
    const field = page.getByLabel(`URL ${place}`, { exact: true });
    await field.fill(`${upstream}/${names[place - 1]}`);
  }
  await page.getByRole("button", { name: "Ask them all" }).click();
  await page.getByText("as fast as one after another").waitFor();
}

async function runBatch(page, upstream) {
  await page.getByRole("link", { name: "Batches" }).click();
  const urls = Array.from({ length: 900 }, (_, index) => `${upstream}/parcels/${index + 1}`);
  const items = page.getByLabel("Items", { exact: true });
  await items.fill(urls.join("\n"));
  await items.evaluate((field) => field.scrollTo(0, 0));
  await page.getByRole("button", { name: "Run the batch" }).click();
  const bar = page.getByRole("progressbar");
  while (Number(await bar.getAttribute("aria-valuenow")) < 500) await delay(50);
  await page.getByRole("cell").first().waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

/** A morning: sign-ups, tasks, a channel that has failed and one that has not. */
async function showActivity(page) {
  const send = (path, body) =>
    page.request.post(new URL(path, page.url()).href, {
      data: body,
      headers: { Authorization: "Bearer dev" },
    });
  for (const [name, email] of [
    ["Dewi Lestari", "dewi@gmail.com"],
    ["محمد الأمين", "m.alamin@gmail.com"],
    ["Ada Lovelace", "ada@gmail.com"],
    ["Wayan Dwi", "wayan@gmail.com"],
  ])
    await send("/users", { name, email });
  for (const [title, priority, notify] of [
    ["Order the paper", "low", ["ops"]],
    ["Call the printer back", "high", ["ops", "desk"]],
    ["From the contact form", "medium", ["ops"]],
  ])
    await send("/tasks", { title, priority, notify });
  await page.getByRole("link", { name: "Activity" }).click();
  await page.getByLabel("Token", { exact: true }).fill("dev");
  await page.getByLabel("Token", { exact: true }).press("Enter");
  const failed = page.getByRole("region", { name: "Failed notifications" });
  await failed.waitFor();
  do {
    await failed.getByRole("button", { name: "Refresh" }).click();
    await delay(500);
  } while ((await failed.getByRole("button", { name: /^Send again/ }).count()) === 0);
  await page.reload();
  await failed.getByRole("button", { name: /^Send again/ }).waitFor();
}

/** Takes a picture, after taking the focus from every element. */
async function take(page, name) {
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${OUT}/console-${name}.png` });
}

const { startSerentak, sharedChromium } = await loadHelpers();
const [upstreams, browser] = await Promise.all([startUpstreams(), sharedChromium()]);
const worker = await startSerentak({
  CHANNELS: JSON.stringify({
    ops: { type: "ntfy", url: `${upstreams.origin}/ops` },
    desk: { type: "ntfy", url: `${upstreams.origin}/desk` },
  }),
});
try {
  mkdirSync(OUT, { recursive: true });
  const open = async (options) => {
    const page = await (
      await browser.newContext({ ...options, reducedMotion: "reduce" })
    ).newPage();
    await page.goto(worker.origin);
    return page;
  };
  const light = await open({ ...DESKTOP, colorScheme: "light" });
  await retrieve(light, upstreams.origin);
  await take(light, "light");
  const phone = await open({ ...PHONE, colorScheme: "light" });
  await retrieve(phone, upstreams.origin);
  await phone.locator(".waterfall").evaluate((chart) => {
    scrollTo(0, chart.parentElement.getBoundingClientRect().top + scrollY - 16);
  });
  await take(phone, "phone");
  const activity = await open({ ...DESKTOP, colorScheme: "light" });
  await showActivity(activity);
  await take(activity, "activity");
  const dark = await open({ ...DESKTOP, colorScheme: "dark" });
  await runBatch(dark, upstreams.origin);
  await take(dark, "dark");
} finally {
  await Promise.all([worker.stop(), browser.close()]);
  upstreams.server.close();
}
