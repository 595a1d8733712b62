// Bodies that are passed on in their bytes come out as any other, on whatever way.
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { fakeUpstreams, readResults } from "../../support/jobs";
import { outputOf } from "../../support/results";
import { AUTHORIZATION, post } from "../../support/worker";

const LONG_TEXT = 'é "\u{1f600}"\n\\\u0001'.repeat(20_000);
const ROWS = Array.from({ length: 5000 }, (_, n) => ({
  [`a b ${n}`]: [n / 7, ` ${n} `, null, {}],
}));
const DATA = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251);
const BIG = `{"n":123456789012345678901234567890,"t":"${"x".repeat(100_000)}"}`;

const BODIES: Readonly<Record<string, readonly [type: string, body: string | Uint8Array]>> = {
  "/text": ["text/plain; charset=utf-8", LONG_TEXT],
  "/rows": ["application/json", JSON.stringify(ROWS, null, 2)],
  "/data": ["application/octet-stream", DATA],
  "/big": ["application/json", BIG],
};
const EXPECTED: Readonly<Record<string, unknown>> = {
  "/text": LONG_TEXT,
  "/rows": ROWS,
  "/data": DATA.toBase64(),
  "/big": JSON.parse(BIG),
};

interface Result {
  readonly url: string;
  readonly body: unknown;
  readonly bytes: number;
}

beforeEach(() => {
  fakeUpstreams(({ url }) => {
    const [type, body] = BODIES[url.pathname] ?? ["text/plain", "none"];
    return new Response(body, { headers: { "Content-Type": type } });
  });
});

afterEach(() => void vi.restoreAllMocks());

/** More calls than one invocation makes. */
const URLS = [...Object.keys(BODIES), ...Object.keys(BODIES)].map(
  (path) => `https://a.example${path}`,
);

const bodies = (results: readonly Result[]) => results.map(({ body }) => body);
const expected = (urls: readonly string[]) => urls.map((url) => EXPECTED[new URL(url).pathname]);

describe("Large bodies", () => {
  it("are all in the reply", async ({ expect }) => {
    const response = await post("/external-api", { urls: URLS });
    const text = await response.text();
    expect(text.split("123456789012345678901234567890").length - 1).toBe(2);
    const { ok, results } = JSON.parse(text) as { ok: number; results: Result[] };
    expect(ok).toBe(URLS.length);
    expect(bodies(results)).toEqual(expected(URLS));
    expect(results[2]).toMatchObject({ bytes: DATA.length, body_type: "base64" });
  });

  it("are lines of a stream", async ({ expect }) => {
    const headers = { Accept: "application/x-ndjson" };
    const response = await post("/external-api", { urls: URLS }, headers);
    const lines = (await response.text()).trim().split("\n");
    const results = lines.map((line) => JSON.parse(line) as Result).slice(0, -1);
    expect(bodies(results)).toEqual(expected(results.map(({ url }) => url)));
    expect(results.length).toBe(URLS.length);
  });

  it("are in a refusal", async ({ expect }) => {
    const urls = [...URLS.slice(0, 2), "ftp://a.example/"];
    const requests = urls.map((url) => ({ url: url.replace("ftp:", "http:"), read: "text" }));
    requests.push({ url: "https://a.example/none", read: "json" });
    const response = await post("/external-api", { requests, policy: "all" });
    expect(response.status).toBe(502);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const { code, results } = await response.json<{ code: string; results: Result[] }>();
    expect(code).toBe("upstream-failed");
    expect(results[0]?.body).toBe(LONG_TEXT);
  });

  it("can be taken apart by a call that waits for them", async ({ expect }) => {
    const requests = [
      { id: "rows", url: "https://a.example/rows" },
      {
        id: "next",
        url: "https://a.example/none",
        after: ["rows"],
        query: { n: '{{ rows.body[1]."a b 1"[1] }}' },
      },
    ];
    const response = await post("/external-api", { requests });
    const { results } = await response.json<{ results: Result[] }>();
    expect(results[1]?.url).toBe("https://a.example/none?n=+1+");
    expect(results[0]?.body).toEqual(ROWS);
  });

  it("are outputs of a batch", async ({ expect }) => {
    const items = [...URLS, { url: "https://a.example/text", method: "POST" }];
    const response = await post(
      "/batch-process",
      { operation: "external-api", items },
      { Prefer: "wait=20", ...AUTHORIZATION },
    );
    const { id, succeeded } = await response.json<{ id: string; succeeded: number }>();
    expect(succeeded).toBe(items.length);
    const { results } = await readResults(id, "?limit=1000");
    const outputs = results.map((result) => outputOf(result) as Result);
    expect(bodies(outputs)).toEqual([...expected(URLS), LONG_TEXT].slice(0, outputs.length));
  });
});
