import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { AUTHORIZATION, post, send } from "../support/worker";

let lines: { level: "log" | "error"; text: string }[];

beforeEach(() => {
  lines = [];
  for (const level of ["log", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((text: unknown) => {
      lines.push({ level, text: String(text) });
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The one line of the one request that was made. */
function line(): unknown {
  return JSON.parse(lines[0]?.text ?? "null");
}

describe("the log", () => {
  it("has one line a request, in JSON", async ({ expect }) => {
    const response = await send("/health", { headers: { "CF-Ray": "abc-CGK" } });
    expect(lines).toHaveLength(1);
    expect(line()).toEqual({
      level: "info",
      request_id: response.headers.get("Request-Id"),
      ray: "abc-CGK",
      method: "GET",
      route: "/health",
      status: 200,
      caller: "anonymous",
      duration_ms: expect.any(Number),
    });
  });

  it("names the token, or says which in the list it is, and shows none", async ({ expect }) => {
    const vars = { API_TOKENS: "site:s3cr3t-1, s3cr3t-2" };
    for (const token of ["s3cr3t-1", "s3cr3t-2", "s3cr3t-3"])
      await send("/health", { headers: { Authorization: `Bearer ${token}` } }, vars);
    const [site, second, wrong] = lines.map(({ text }): unknown => JSON.parse(text));
    expect(site).toMatchObject({ caller: "token", token: "site", status: 200 });
    expect(second).toMatchObject({ caller: "token", token: "2", status: 200 });
    expect(wrong).toMatchObject({ caller: "anonymous", status: 401 });
    expect(wrong).not.toHaveProperty("token");
    expect(JSON.stringify(lines)).not.toContain("s3cr3t");
  });

  it("names the path's template, not the path", async ({ expect }) => {
    await send("/problems/email-taken");
    expect(line()).toMatchObject({ route: "/problems/:code", status: 200 });
  });

  it("tells refusals by their code", async ({ expect }) => {
    await send("/no/such/path");
    expect(line()).toMatchObject({ level: "info", status: 404, code: "not-found" });
  });

  it("holds no secret, body, query, header, path or address of a request", async ({ expect }) => {
    const url = "https://127.0.0.1/s3cr3t?key=s3cr3t";
    const headers = {
      Origin: "https://s3cr3t.pages.example",
      Referer: "https://s3cr3t.example/",
      Cookie: "s3cr3t",
      "Turnstile-Token": "s3cr3t",
      "CF-Connecting-IP": "192.0.2.77",
    };
    const body = { urls: [url] };
    await post("/external-api?s3cr3t=s3cr3t", body, { ...headers, ...AUTHORIZATION });
    await post("/external-api", { s3cr3t: "s3cr3t" }, headers);
    await send("/s3cr3t", { headers });
    await send("/problems/s3cr3t", { headers });
    await send("/health", { headers: { Authorization: "Bearer s3cr3t" } });
    expect(lines).toHaveLength(5);
    const text = JSON.stringify(lines);
    for (const hidden of ["s3cr3t", "test-token", "127.0.0.1", "192.0.2.77"]) {
      expect(text).not.toContain(hidden);
    }
  });

  it("holds no secret of an upstream that was called or that fails", async ({ expect }) => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("s3cr3t at https://up.example"));
    const up = { base_url: "https://up.example", headers: { "x-key": "${KEY}" }, public: true };
    const vars = { KEY: "s3cr3t-s3cr3t", UPSTREAMS: { up } };
    const body = { requests: [{ upstream: "up", path: "/", retries: 0 }], policy: "all" };
    const response = await post("/external-api", body, {}, vars);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain("s3cr3t");
    expect(JSON.stringify(lines)).not.toContain("s3cr3t");
  });

  it("has the stack of what was not expected, and only of that", async ({ expect }) => {
    const broken = { limit: () => Promise.reject(new Error("the cause")) };
    await send("/health", {}, { RATE_LIMIT: "on", RATE_LIMITER: broken });
    expect(lines[0]?.level).toBe("error");
    expect(line()).toMatchObject({ level: "error", status: 500, error: "Error: the cause" });
    expect(lines[1]).toEqual({
      level: "error",
      text: expect.stringMatching(/^Error: the cause\n\s+at /),
    });
  });

  it("says which variable cannot be read", async ({ expect }) => {
    await send("/users", {}, { RATE_LIMIT: "maybe" });
    expect(line()).toMatchObject({ error: expect.stringContaining("ConfigError: RATE_LIMIT") });
  });

  it("survives what is thrown that is no error", async ({ expect }) => {
    const broken = { limit: () => Promise.reject("s3cr3t") };
    const response = await send("/health", {}, { RATE_LIMIT: "on", RATE_LIMITER: broken });
    expect(response.status).toBe(500);
    expect(line()).toMatchObject({ error: "not an Error" });
  });
});
