import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { settle } from "../../support/fake-clock";
import { json } from "../../support/fake-calls";
import { endless } from "../../support/fake-outgoing";
import { expectProblem } from "../../support/problem";
import { AUTHORIZATION, post } from "../../support/worker";

const NDJSON = { Accept: "application/x-ndjson" };

/** Signals of the calls that were sent. */
let signals: AbortSignal[];

beforeEach(() => {
  signals = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { pathname } = new URL(new Request(input).url);
    const signal = init?.signal ?? new AbortController().signal;
    signals.push(signal);
    if (pathname === "/endless") return new Response(endless({ signal }, "a"));
    return json({ pathname }, { status: pathname === "/bad" ? 400 : 200 });
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("POST /external-api", () => {
  it("answers 200 with the summary and the results", async ({ expect }) => {
    const urls = ["https://a.example/x", "https://a.example/bad"];
    const response = await post("/external-api", { urls });
    expect(response.status).toBe(200);
    expect(response.headers.get("Server-Timing")).toMatch(/^total;dur=\d+\.\d$/);
    expect(await response.json()).toMatchObject({
      policy: "settled",
      total: 2,
      fulfilled: 2,
      rejected: 0,
      results: [
        { id: "0", ok: true, body: { pathname: "/x" } },
        { id: "1", ok: false },
      ],
    });
  });

  it("answers 502 with all results when the policy is not met", async ({ expect }) => {
    const urls = ["https://a.example/x", "https://a.example/bad"];
    const response = await post("/external-api", { urls, policy: "all" });
    expect(response.status).toBe(502);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      code: "upstream-failed",
      results: [{ ok: true }, { ok: false }],
    });
  });

  it("carries Server-Timing when it refuses, too", async ({ expect }) => {
    const invalid = await post("/external-api", {});
    const failed = await post("/external-api", { urls: ["https://a.example/bad"], policy: "all" });
    expect(invalid.headers.has("Server-Timing")).toBe(true);
    expect(failed.headers.has("Server-Timing")).toBe(true);
  });

  it("tells at once which calls of upstreams cannot be made, and sends none", async ({
    expect,
  }) => {
    const vars = { UPSTREAMS: { up: { base_url: "https://up.example", paths: ["/a"] } } };
    const requests = [
      { upstream: "none", path: "/" },
      { url: "https://a.example/x" },
      { upstream: "up", path: "/b" },
      { upstream: "up", path: "/a", method: "DELETE" },
    ];
    const response = await post("/external-api", { requests }, AUTHORIZATION, vars);
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors?.map(({ pointer }) => pointer)).toEqual([
      "#/requests/0/upstream",
      "#/requests/2/path",
      "#/requests/3/method",
    ]);
    expect(signals).toEqual([]);
  });

  it("does not call its own host by a wildcard", async ({ expect }) => {
    const response = await post("/external-api", { urls: ["https://api.example/health"] });
    expect(await response.json()).toMatchObject({
      results: [{ error: { code: "host-not-allowed" } }],
    });
  });

  it("streams each result as a line, then the summary", async ({ expect }) => {
    const urls = ["https://a.example/x", "https://a.example/bad"];
    const response = await post("/external-api", { urls }, NDJSON);
    expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
    const text = new TextDecoder().decode(await response.arrayBuffer());
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }, { total: 2 }]);
  });

  it("ends the calls when the reader of a stream stops, though no result is there", async ({
    expect,
  }) => {
    const body = { requests: [{ url: "https://a.example/endless", retries: 0 }], timeout_ms: 300 };
    const response = await post("/external-api", body, NDJSON);
    await settle();
    const cancelled = response.body?.cancel();
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await cancelled;
  });
});
