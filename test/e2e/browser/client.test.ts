// The client in a real browser, on a page of another origin, over a network that fails in every way: what
// browsers make of aborts, broken connections and foreign replies differs from what other runtimes do.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";

import {
  type BadNetwork,
  BREAK_PATH,
  type Forged,
  startBadNetwork,
} from "../../support/node/bad-network";
import { sharedChromium } from "../../support/node/chromium";
import { openPage, type WatchedPage } from "../../support/node/console-page";
import { type Serentak, startWorker } from "../../support/node/serentak";
import { type Site, startSite } from "../../support/node/site";
import { startUpstreams, type Upstreams } from "../../support/node/upstreams";

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
interface Batch {
  readonly id: string;
  progress(
    options: CallOptions & { onConnection?: (isConnected: boolean) => void },
  ): AsyncGenerator<{ readonly status: string }>;
  results(): AsyncGenerator<{ readonly index: number }>;
  wait(): Promise<unknown>;
}
/** As much of the client as is used here, written down once more from its documentation. */
interface Client {
  readonly users: {
    create(user: object): Promise<unknown>;
    get(id: string, options?: CallOptions): Promise<unknown>;
    page(query: object): Promise<{ readonly users: readonly { readonly name: string }[] }>;
  };
  batch(batch: object): Promise<Batch>;
  batchById(id: string): Batch;
  externalApi(urls: readonly string[], options: object): Promise<unknown>;
}

/** As much of a thrown value as crosses from the page to the test. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly status?: unknown;
}

declare global {
  interface Window {
    /** Breaks the connections that wait to be told. */
    breakNow: () => Promise<unknown>;
    /** Makes a client of the server behind the network. */
    connect: (options?: object) => Client;
    thrown: (error: unknown) => Thrown;
  }
}

const pageScript = (baseUrl: string) => `
  import { createClient } from "${baseUrl}/client.js";
  window.connect = (options) => createClient({ baseUrl: "${baseUrl}", token: "dev", ...options });
  window.breakNow = () => fetch("${baseUrl}${BREAK_PATH}");
  window.thrown = ({ name, message, code, status }) => ({ name, message, code, status });
`;

const PORTAL: Forged = { type: "text/html", body: "<h1>Welcome to our hotel</h1>" };

let site: Site;
let server: Serentak;
let upstreams: Upstreams;
let network: BadNetwork;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  [site, upstreams, browser] = await Promise.all([startSite(), startUpstreams(), sharedChromium()]);
  server = await startWorker({ ALLOWED_ORIGINS: site.origin });
  network = await startBadNetwork(server.origin);
  site.worker = network.origin;
  watched = await openPage(browser, `${site.origin}/static-site/index.html`);
  // A script of the page: functions that tests hand over are compiled for where the tests run.
  await watched.page.addScriptTag({ type: "module", content: pageScript(network.origin) });
  await watched.page.waitForFunction(() => "thrown" in window);
});
afterEach(() => {
  network.fate = () => "pass";
});
afterAll(async () => {
  await watched.close();
  await Promise.all([network.close(), server.stop(), site.close(), upstreams.close()]);
});

/** Starts a batch whose items wait until the key is released. */
function startBatch(key: string): Promise<string> {
  const items = ["a", "b", "c"].map((item) => upstreams.url(`/when?of=${key}&item=${item}`));
  return watched.page.evaluate(async (urls) => {
    const batch = await window.connect().batch({ operation: "external-api", items: urls });
    return batch.id;
  }, items);
}

describe("a call from a page of another origin", () => {
  it("is done over a connection that breaks before and in its reply", async ({ expect }) => {
    network.fate = (path, count) => {
      if (path !== "/users" || count > 2) return "pass";
      return count === 1 ? "break" : "break-in-reply";
    };
    const names = await watched.page.evaluate(async () => {
      const client = window.connect();
      await client.users.create({ name: "Ada", email: "ada@example.com" });
      const { users } = await client.users.page({ q: "ada@" });
      return users.map(({ name }) => name);
    });
    expect(names).toEqual(["Ada"]);
  });

  it("ends with the reason of whoever aborts it, while nobody answers", async ({ expect }) => {
    network.fate = () => "hang";
    const reasons = await watched.page.evaluate(() => {
      const withOwnReason = new AbortController();
      const withNone = new AbortController();
      setTimeout(() => withOwnReason.abort(new RangeError("The user left")), 20);
      setTimeout(() => withNone.abort(), 20);
      const client = window.connect();
      const calls = [
        client.users.get("a", { signal: withOwnReason.signal }),
        client.users.get("b", { signal: withNone.signal }),
        client.users.get("c", { signal: AbortSignal.timeout(20) }),
        client.users.get("d", { signal: AbortSignal.abort(new RangeError("Too late")) }),
        client.users.get("e", { timeoutMs: 20 }),
        window.connect({ timeoutMs: 20 }).users.get("f"),
      ];
      return Promise.all(calls.map((call) => call.then(() => null, window.thrown)));
    });
    expect(reasons).toMatchObject([
      { name: "RangeError", message: "The user left" },
      { name: "AbortError" },
      { name: "TimeoutError" },
      { name: "RangeError", message: "Too late" },
      { name: "TimeoutError", message: "The call took longer than 20 ms" },
      { name: "TimeoutError" },
    ]);
  });

  it.for([
    ["a portal's page", PORTAL],
    ["a portal's refusal", { ...PORTAL, status: 511 }],
    ["JSON of something else", { type: "application/json", body: '{"hello":1}' }],
    ["a list", { type: "application/json", body: "[]" }],
    ["half a reply", { type: "application/json", body: '{"id":"a","na' }],
    ["a page that calls itself JSON", { type: "application/json", body: PORTAL.body }],
    ["nothing", { status: 204, type: "text/plain", body: "" }],
    [
      "a problem with members of other types",
      { status: 422, type: "application/problem+json", body: '{"code":"x","detail":1,"errors":2}' },
    ],
  ] as const)("is one error for %s", async ([, reply], { expect }) => {
    network.fate = () => reply;
    const thrown = await watched.page.evaluate(() =>
      window.connect({ maxRetryWaitMs: 0 }).users.get("a").catch(window.thrown),
    );
    const { status = 200 }: Forged = reply;
    expect(thrown).toMatchObject({ name: "SerentakError", code: "unexpected-reply", status });
  });

  it("is what fetch throws for a portal whose page cannot be read", async ({ expect }) => {
    network.fate = () => ({ ...PORTAL, isHidden: true });
    const thrown = await watched.page.evaluate(() =>
      window.connect({ maxRetryWaitMs: 0 }).users.get("a").catch(window.thrown),
    );
    expect(thrown).toMatchObject({ name: "TypeError", message: "Failed to fetch" });
  });

  it("is refused in the Worker's words", async ({ expect }) => {
    const thrown = await watched.page.evaluate(() =>
      window.connect().users.create({ name: "", email: "x" }).catch(window.thrown),
    );
    expect(thrown).toMatchObject({ name: "SerentakError", code: "invalid-body", status: 422 });
  });
});

describe("following a batch from a page of another origin", () => {
  it("goes on after a break, a dead line and a portal, and tells of both", async ({ expect }) => {
    const id = await startBatch("drops");
    const events = `/batch-process/${id}/events`;
    network.fate = (path, count) => {
      if (path !== events) return "pass";
      if (count === 4) upstreams.release("drops");
      return (["break-when-told", "break", PORTAL] as const)[count - 1] ?? "pass";
    };
    const seen = await watched.page.evaluate(async (batchId) => {
      const said: boolean[] = [];
      const states: string[] = [];
      const batch = window.connect().batchById(batchId);
      const onConnection = (isConnected: boolean) => said.push(isConnected);
      for await (const { status } of batch.progress({ onConnection })) {
        if (states.push(status) === 1) await window.breakNow();
      }
      return { said, last: states.at(-1) };
    }, id);
    expect(seen).toEqual({ said: [false, true], last: "completed" });
  });

  it("ends with the reason of whoever aborts it, in the middle of the stream", async ({
    expect,
  }) => {
    const id = await startBatch("aborted");
    const thrown = await watched.page.evaluate(async (batchId) => {
      const leaving = new AbortController();
      const batch = window.connect().batchById(batchId);
      try {
        for await (const _ of batch.progress({ signal: leaving.signal }))
          leaving.abort(new RangeError("The user left"));
        return null;
      } catch (error) {
        return window.thrown(error);
      }
    }, id);
    upstreams.release("aborted");
    expect(thrown).toMatchObject({ name: "RangeError", message: "The user left" });
  });

  it.for([
    ["a portal's page", PORTAL],
    ["events that are no JSON", { type: "text/event-stream", body: "id: 1\ndata: <h1>\n\n" }],
    ["events of others", { type: "text/event-stream", body: 'id: 1\ndata: {"hello":1}\n\n' }],
  ] as const)("is an error for %s", async ([, reply], { expect }) => {
    network.fate = () => reply;
    const thrown = await watched.page.evaluate(() =>
      window.connect().batchById("b1").wait().catch(window.thrown),
    );
    expect(thrown).toMatchObject({ name: "SerentakError", code: "unexpected-reply" });
  });

  it("reads each result once, over a connection that breaks and a portal", async ({ expect }) => {
    const id = await watched.page.evaluate(async () => {
      const items = Array.from({ length: 9000 }, (_, n) => `text ${String(n)}`);
      const batch = await window.connect().batch({ operation: "uppercase", items });
      await batch.wait();
      return batch.id;
    });
    network.fate = (path, count) =>
      path.endsWith("/results")
        ? ((["break-when-told", PORTAL] as const)[count - 1] ?? "pass")
        : "pass";
    const indexes = await watched.page.evaluate(async (batchId) => {
      const all: number[] = [];
      for await (const { index } of window.connect().batchById(batchId).results()) {
        if (all.push(index) === 1) await window.breakNow();
      }
      return all;
    }, id);
    expect(indexes).toEqual(Array.from({ length: 9000 }, (_, n) => n));
  });

  it.for([
    ["a portal's page", PORTAL],
    ["lines that are no JSON", { type: "application/x-ndjson", body: "<h1>\n" }],
    ["lines of others", { type: "application/x-ndjson", body: '{"hello":1}\n' }],
  ] as const)("reads no results from %s", async ([, reply], { expect }) => {
    network.fate = () => reply;
    const thrown = await watched.page.evaluate(async () => {
      try {
        for await (const _ of window.connect().batchById("b1").results()) return null;
        return null;
      } catch (error) {
        return window.thrown(error);
      }
    });
    expect(thrown).toMatchObject({ name: "SerentakError", code: "unexpected-reply" });
  });
});

describe("receipts that stream to a page of another origin", () => {
  it.for([
    ["end without their summary", { type: "application/x-ndjson", body: "" }, "TypeError"],
    [
      "are somebody else's",
      { type: "application/x-ndjson", body: '{"hello":1}\n' },
      "SerentakError",
    ],
  ] as const)("are an error where they %s", async ([, reply, name], { expect }) => {
    network.fate = () => reply;
    const thrown = await watched.page.evaluate(() =>
      window
        .connect()
        .externalApi(["https://api.example/"], { onResult: () => undefined })
        .catch(window.thrown),
    );
    expect(thrown).toMatchObject({ name });
  });
});
