// Hosts that POST /external-api refuses although `*` (any public host) is allowed: every spelling of an
// address that is not public, given as a URL or as the target of a redirect.
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, it } from "vitest";

import { post, type Problem, refusal, type Result, retrieve } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { HOSTS, WRITTEN_ODDLY } from "./host-spellings";

const MAX_CALLS = 20;

let server: Serentak;
/** Listens at every address of this machine, and must never be reached. */
let hidden: Upstreams;
/** Named literally, and redirects wherever it is told to. */
let named: Upstreams;

beforeAll(async () => {
  [hidden, named] = await Promise.all([startUpstreams("::"), startUpstreams()]);
  // The mail of `npm start` is for a Worker that has no public name.
  server = await startWorker({ ALLOWED_HOSTS: `*,127.0.0.1:${String(named.port)}`, MAIL: "" });
});
afterAll(() => Promise.all([server.stop(), hidden.close(), named.close()]));

function inParts<T>(all: readonly T[]): T[][] {
  const parts = Math.ceil(all.length / MAX_CALLS);
  return Array.from({ length: parts }, (_, n) => all.slice(n * MAX_CALLS, (n + 1) * MAX_CALLS));
}

async function retrieveAll(urls: readonly string[]): Promise<Result[]> {
  const replies = await Promise.all(
    inParts(urls).map((part) => retrieve(server.origin, { urls: part, timeout_ms: 10_000 })),
  );
  return replies.flatMap(({ results }) => results);
}

/** Those of the spelled hosts whose call had any other end than the one refusal. */
function notRefused(hosts: readonly string[], results: readonly Result[]): string[] {
  return hosts.filter((_, index) => {
    const result = results[index];
    return result?.status !== "rejected" || result.error.code !== "host-not-allowed";
  });
}

/** The reply's body to a caller who names the server `host`; `fetch` would not set that header. */
function postAs(host: string, urls: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { host, "content-type": "application/json" };
    request(`${server.origin}/external-api`, { method: "POST", headers }, (response) => {
      resolve(json(response));
    })
      .on("error", reject)
      .end(JSON.stringify({ urls }));
  });
}

describe("with any public host and one literal one allowed", () => {
  it.for(["http", "https"])(
    "refuses every spelling of a host that is not public over %s",
    async (scheme, { expect }) => {
      const urls = HOSTS.map((host) => `${scheme}://${host}:${String(hidden.port)}/echo`);

      const results = await retrieveAll(urls);

      expect(notRefused(HOSTS, results)).toEqual([]);
      expect(hidden.requests).toEqual([]);
    },
  );

  it("refuses them on the default port as well", async ({ expect }) => {
    const results = await retrieveAll(HOSTS.map((host) => `http://${host}/`));

    expect(notRefused(HOSTS, results)).toEqual([]);
  });

  it("refuses them as the target of a redirect", async ({ expect }) => {
    const urls = HOSTS.map((host) => {
      const to = `http://${host}:${String(hidden.port)}/echo`;
      return named.url(`/redirect?to=${encodeURIComponent(to)}`);
    });

    const results = await retrieveAll(urls);

    expect(notRefused(HOSTS, results)).toEqual([]);
    expect(hidden.requests).toEqual([]);
  });

  it("refuses a redirect that names only the authority", async ({ expect }) => {
    const to = encodeURIComponent(`//127.0.0.1:${String(hidden.port)}/echo`);

    const results = await retrieveAll([named.url(`/redirect?to=${to}`)]);

    expect(results).toMatchObject([{ error: { code: "host-not-allowed" } }]);
    expect(hidden.requests).toEqual([]);
  });

  it.for(WRITTEN_ODDLY)("is not misled by %j", async (pattern, { expect }) => {
    const response = await post(server.origin, {
      urls: [pattern.replace("PORT", String(hidden.port))],
    });
    const reply = (await response.json()) as Problem | { results: Result[] };

    const refused = [{ error: { code: "host-not-allowed" } }];
    expect(reply).toMatchObject(
      response.status === 422 ? { code: "invalid-body" } : { results: refused },
    );
    expect(hidden.requests).toEqual([]);
  });

  it("calls the host that is named literally, on the port that is named", async ({ expect }) => {
    const results = await retrieveAll([named.url("/echo")]);

    expect(results).toMatchObject([{ ok: true }]);
  });

  it("refuses its own host", async ({ expect }) => {
    const port = String(server.port);
    const own = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];

    const results = await retrieveAll(own.map((host) => `http://${host}/health`));

    expect(notRefused(own, results)).toEqual([]);
  });

  it("refuses the public name that it was called by, in any spelling", async ({ expect }) => {
    const own = ["public.example", "PUBLIC.example:8080", "public.example.", "publi\uff43.example"];

    const reply = await postAs(
      "public.example",
      own.map((host) => `http://${host}/health`),
    );

    expect(reply).toMatchObject({
      results: own.map(() => ({ error: { code: "host-not-allowed" } })),
    });
  });

  it("refuses every name that it was called by, whichever it is called by now", async ({
    expect,
  }) => {
    await postAs("custom.example", ["http://custom.example/"]);

    const reply = await postAs("worker.example", [
      "http://custom.example/",
      "http://worker.example/",
    ]);

    const refused = { error: { code: "host-not-allowed" } };
    expect(reply).toMatchObject({ results: [refused, refused] });
  });

  it("marks its calls, and makes none for a request with its mark", async ({ expect }) => {
    await retrieveAll([named.url("/echo?key=marked")]);
    const [seen] = named.requestsOf("marked");
    expect(seen?.headers["cdn-loop"]).toBe("serentak");

    const urls = [named.url("/echo?key=looped")];
    for (const loop of ["serentak", 'cloudflare; x="a,b", Serentak; v=1']) {
      const problem = await refusal(server.origin, { urls }, { "cdn-loop": loop });
      expect(problem).toMatchObject({ status: 508, code: "loop-detected" });
    }
    expect(named.hits("looped")).toBe(0);
  });

  it("refuses an IPv6 zone as no URL", async ({ expect }) => {
    const problem = await refusal(server.origin, { urls: ["http://[fe80::1%25eth0]/"] });

    expect(problem).toMatchObject({ status: 422, code: "invalid-body" });
  });
});

describe("with no host allowed", () => {
  let closed: Serentak;
  beforeAll(async () => {
    closed = await startWorker({ ALLOWED_HOSTS: "" });
  });
  afterAll(() => closed.stop());

  it("refuses every URL, public ones too", async ({ expect }) => {
    const urls = [named.url("/echo?key=closed"), "https://public.example/", "http://1.1.1.1/"];

    const { results } = await retrieve(closed.origin, { urls });

    expect(notRefused(urls, results)).toEqual([]);
    expect(named.hits("closed")).toBe(0);
  });
});
