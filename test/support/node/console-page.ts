// The console in a real browser, watched: what the browser complains of, and where requests go.
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

/** Names of the panels in the console's navigation. */
export type Job = "Retrieve" | "Transform" | "Sign up" | "Tasks" | "Batches" | "Activity";

/** A page and what was noticed of it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings on the browser's console, and what scripts threw. */
  readonly complaints: readonly string[];
  /** Methods and URLs of all requests so far. */
  readonly requests: readonly string[];
  /** Origins of all requests so far. */
  readonly origins: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

/** The console; its jobs are opened by a click, as people do. */
export interface ConsolePage extends WatchedPage {
  /** Shows a job and gives its part of the page. */
  open(job: Job): Promise<Locator>;
  /** Types the token that `npm start` takes. */
  giveToken(): Promise<void>;
}

/** Milliseconds after which what has not appeared on a page never will, however busy the machine is. */
const PATIENCE_MS = 60_000;

/** Opens a URL in a window of its own, with no memory of others. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  const requests: string[] = [];
  page.on("request", (request) => {
    origins.add(new URL(request.url()).origin);
    requests.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints, requests, origins, close: () => context.close() };
}

/** Opens the console of a server. */
export async function openConsole(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const watched = await openPage(browser, `${origin}/`, options);
  const { page } = watched;
  return {
    ...watched,
    open: async (job) => {
      await page.getByRole("link", { name: job, exact: true }).click();
      return page.getByRole("region", { name: job, exact: true });
    },
    giveToken: async () => {
      await page.getByLabel("Token").fill("dev");
      await page.getByLabel("Token").press("Enter");
    },
  };
}
