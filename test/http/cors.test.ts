import { describe, it } from "vitest";
import { expectProblem } from "../support/problem";
import { AUTHORIZATION, ORIGIN, post, send } from "../support/worker";

const allowOrigin = (response: Response) => response.headers.get("Access-Control-Allow-Origin");

describe("CORS", () => {
  it("answers a listed subdomain by its own origin, never by *", async ({ expect }) => {
    const response = await send("/health", { headers: { Origin: "https://a.pages.example" } });
    expect(allowOrigin(response)).toBe("https://a.pages.example");
    const open = await send(
      "/health",
      { headers: { Origin: "https://any.example" } },
      { ALLOWED_ORIGINS: "*" },
    );
    expect(allowOrigin(open)).toBe("https://any.example");
  });

  it("never lets a browser send cookies", async ({ expect }) => {
    const { headers } = await send("/health", { headers: { Origin: "https://site.example" } });
    expect(headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  it("varies by origin also where none is sent", async ({ expect }) => {
    const response = await send("/health");
    expect(response.headers.get("Vary")).toBe("Origin");
    expect(allowOrigin(response)).toBeNull();
  });

  it("exposes what a page needs to read", async ({ expect }) => {
    const { headers } = await send("/health", { headers: { Origin: "https://site.example" } });
    const exposed = headers.get("Access-Control-Expose-Headers")?.split(", ");
    expect(exposed).toEqual(
      expect.arrayContaining([
        "Location",
        "Link",
        "Retry-After",
        "ETag",
        "Request-Id",
        "Idempotency-Replayed",
        "Preference-Applied",
        "Server-Timing",
        "RateLimit-Policy",
      ]),
    );
  });

  it.for(["null", "https://site.example.evil.example", "http://site.example", "garbage"])(
    "refuses the origin %s",
    async (origin, { expect }) => {
      const response = await send("/health", { headers: { Origin: origin } });
      await expectProblem(expect, response, "origin-not-allowed");
    },
  );

  it("serves a token from a foreign origin, but lets no page read it", async ({ expect }) => {
    const headers = { ...AUTHORIZATION, Origin: "https://evil.example" };
    const response = await send("/health", { headers });
    expect(response.status).toBe(200);
    expect(allowOrigin(response)).toBeNull();
  });

  it("answers OPTIONS that is no preflight with what the path takes", async ({ expect }) => {
    const response = await send("/external-api", { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("Allow")?.split(", ")).toEqual(["POST", "OPTIONS"]);
    expect((await send("/health", { method: "OPTIONS" })).headers.get("Allow")).toBe(
      "GET, HEAD, OPTIONS",
    );
    const unknown = await send("/no/such", { method: "OPTIONS" });
    await expectProblem(expect, unknown, "not-found");
  });

  it("needs no token and no challenge for a preflight", async ({ expect }) => {
    const headers = {
      Origin: "https://site.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type,turnstile-token",
    };
    const vars = { PUBLIC_ENDPOINTS: "", TURNSTILE_SECRET: "secret" };
    const response = await send("/external-api", { method: "OPTIONS", headers }, vars);
    expect(response.status).toBe(204);
    const allowed = response.headers.get("Access-Control-Allow-Headers")?.toLowerCase();
    expect(allowed?.split(", ")).toEqual(
      expect.arrayContaining([
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "last-event-id",
        "prefer",
        "turnstile-token",
      ]),
    );
  });

  it.for([
    ["authorization", true],
    ["traceparent, tracestate", true],
    ["x-a!#$%&'*+-.^_`|~1", true],
    ["", false],
    ["two words", false],
    ["a,,b", false],
    ["a;b", false],
    ["x".repeat(2001), false],
  ] as const)("allows the requested names %j: %s", async ([asked, isAllowed], { expect }) => {
    const headers = {
      Origin: "https://site.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": asked,
    };
    const response = await send("/users", { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    const allowed = response.headers.get("Access-Control-Allow-Headers") ?? "";
    expect(allowed.endsWith(`Turnstile-Token, ${asked}`)).toBe(isAllowed);
    expect(allowed).toContain("Authorization, Content-Type");
  });

  it("lets pages read refusals of the body too", async ({ expect }) => {
    const response = await post("/external-api", {}, { Origin: ORIGIN });
    await expectProblem(expect, response, "invalid-body");
    expect(allowOrigin(response)).toBe(ORIGIN);
  });
});
