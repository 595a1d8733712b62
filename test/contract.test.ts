// Promises that every route keeps. A new route is tested here as soon as it is in the list of routes.
import { describe, it, vi } from "vitest";
import { MAX_BODY_BYTES } from "../src/domain/platform";
import { endpointOf } from "../src/http/route";
import { routes } from "../src/routes";
import { expectProblem } from "./support/problem";
import { AUTHORIZATION, ORIGIN, send } from "./support/worker";

const LISTED_ORIGIN = "https://site.example";
const SAMPLE_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const JSON_TYPE = { "Content-Type": "application/json" };

describe.each(routes)("$method $path", (route) => {
  const path = route.path.replace(":code", "not-found").replaceAll(/:\w+/g, SAMPLE_ID);
  const call = (init: RequestInit<IncomingRequestCfProperties> = {}, vars = {}) =>
    send(path, { method: route.method, ...init }, vars);

  it("answers with the headers that every reply carries", async ({ expect }) => {
    const { headers } = await call({ headers: { ...AUTHORIZATION, Origin: LISTED_ORIGIN } });
    expect(headers.get("Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    // Only what lies beside the script, and changes with a deployment alone, may be kept.
    const isKept = route.reply.headers?.includes("Cache-Control") === true;
    expect(headers.get("Cache-Control")).toMatch(isKept ? /^public, / : /^no-store$/);
    expect(headers.get("Vary")).toContain("Origin");
    const origin = route.isForAnyOrigin === true ? "*" : LISTED_ORIGIN;
    expect(headers.get("Access-Control-Allow-Origin")).toBe(origin);
    expect(headers.get("Access-Control-Expose-Headers")).toContain("Request-Id");
  });

  it("refuses another method and lists its own", async ({ expect }) => {
    const response = await call({ method: "PUT", headers: AUTHORIZATION });
    await expectProblem(expect, response, "method-not-allowed");
    const allow = response.headers.get("Allow")?.split(", ");
    expect(allow).toContain(route.method);
    expect(allow).toContain("OPTIONS");
  });

  it("answers a preflight of a listed origin", async ({ expect }) => {
    const headers = { Origin: LISTED_ORIGIN, "Access-Control-Request-Method": route.method };
    const response = await call({ method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe(LISTED_ORIGIN);
    expect(response.headers.get("Access-Control-Allow-Methods")).toContain(route.method);
    expect(response.headers.get("Access-Control-Allow-Headers")).toContain("Authorization");
    expect(Number(response.headers.get("Access-Control-Max-Age"))).toBeGreaterThan(0);
  });

  it("tells a preflight of a foreign origin nothing", async ({ expect }) => {
    const headers = {
      Origin: "https://evil.example",
      "Access-Control-Request-Method": route.method,
    };
    const response = await call({ method: "OPTIONS", headers });
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });

  it("refuses a page of a foreign origin, but for what is for all", async ({ expect }) => {
    const response = await call({ headers: { Origin: "https://evil.example" } });
    if (route.isForAnyOrigin === true) {
      expect(response.status).toBe(200);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
      return;
    }
    await expectProblem(expect, response, "origin-not-allowed");
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });

  it("refuses a wrong token", async ({ expect }) => {
    for (const token of [
      "Bearer wrong",
      "Bearer test-toke",
      "Bearer test-token2",
      "Basic dGVzdA==",
      "Bearer ",
    ]) {
      const response = await call({ headers: { Authorization: token, Origin: LISTED_ORIGIN } });
      await expectProblem(expect, response, "unauthorized");
      expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe(LISTED_ORIGIN);
    }
  });

  it("refuses too many requests", async ({ expect }) => {
    const exhausted = { limit: async () => ({ success: false }) };
    const response = await call({}, { RATE_LIMIT: "on", RATE_LIMITER: exhausted });
    await expectProblem(expect, response, "rate-limited");
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(response.headers.get("RateLimit-Policy")).toMatch(/^"default";q=\d+;w=\d+$/);
  });

  it("leaks nothing of an unexpected error", async ({ expect }) => {
    const broken = { limit: () => Promise.reject(new Error("secret-detail")) };
    const response = await call({}, { RATE_LIMIT: "on", RATE_LIMITER: broken });
    const problem = await expectProblem(expect, response, "internal");
    expect(JSON.stringify(problem)).not.toContain("secret-detail");
  });

  it("says that a configuration cannot be read, and opens nothing", async ({ expect }) => {
    const response = await call({}, { ALLOWED_ORIGINS: "not an origin" });
    await expectProblem(expect, response, "internal");
  });

  if (route.method === "GET") {
    it("answers HEAD as GET without a body", async ({ expect }) => {
      const get = await call({ headers: AUTHORIZATION });
      const head = await call({ method: "HEAD", headers: AUTHORIZATION });
      expect(head.status).toBe(get.status);
      expect(head.headers.get("Content-Type")).toBe(get.headers.get("Content-Type"));
      expect(await head.text()).toBe("");
    });
  }

  if (route.access !== "open") {
    it("answers nobody while no token is set and nothing is public", async ({ expect }) => {
      const closed = { API_TOKENS: "", PUBLIC_ENDPOINTS: "" };
      await expectProblem(expect, await call({}, closed), "unauthorized");
      await expectProblem(
        expect,
        await call({ headers: { Authorization: "Bearer " } }, closed),
        "unauthorized",
      );
    });
  }

  if (endpointOf(route) !== undefined) {
    it("tells how long it took, refusals before the route included", async ({ expect }) => {
      const wrong = await call({ headers: { Authorization: "Bearer wrong" } });
      const foreign = await call({ headers: { Origin: "https://evil.example" } });
      const broken = await call({}, { RATE_LIMIT: "perhaps" });
      for (const { headers } of [wrong, foreign, broken]) {
        expect(headers.get("Server-Timing")).toMatch(/^total;dur=[\d.]+$/);
      }
    });

    it("asks callers without a token for a challenge while Turnstile is on", async ({ expect }) => {
      const vars = { TURNSTILE_SECRET: "secret" };
      const response = await call({ headers: JSON_TYPE, body: "{}" }, vars);
      await expectProblem(expect, response, "challenge-failed");
      const withToken = await call({ headers: AUTHORIZATION }, vars);
      expect(withToken.status).not.toBe(403);
    });
  }

  if (route.body !== undefined) {
    const limit = route.maxBodyBytes ?? MAX_BODY_BYTES;

    it("refuses what is not JSON, saying so", async ({ expect }) => {
      const bodies = ["", "{", "{'a':1}", "nul", new Uint8Array([0x22, 0xff, 0x22])];
      for (const body of bodies) {
        const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
        await expectProblem(expect, response, "malformed-json");
      }
    });

    it("refuses another media type, charset or encoding", async ({ expect }) => {
      const types = [
        { "Content-Type": "text/plain" },
        { "Content-Type": "application/json; charset=utf-16" },
        { "Content-Type": "application/json", "Content-Encoding": "gzip" },
      ];
      for (const headers of types) {
        const response = await call({ headers: { ...AUTHORIZATION, ...headers }, body: "{}" });
        await expectProblem(expect, response, "unsupported-media-type");
      }
    });

    it("refuses an unknown field and a wrong type, with pointers", async ({ expect }) => {
      const body = JSON.stringify({ no_such_field: 1, "a/b~c é": 2 });
      const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
      const { errors = [] } = await expectProblem(expect, response, "invalid-body");
      const pointers = errors.map(({ pointer }) => pointer);
      expect(pointers).toContain("#/no_such_field");
      expect(pointers).toContain("#/a~1b~0c%20%C3%A9");
      for (const wrong of ["null", "1", '"text"', "[]", '{"__proto__":{"a":1}}']) {
        const refused = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body: wrong });
        await expectProblem(expect, refused, "invalid-body");
      }
    });

    it("refuses a body that is nested without end", async ({ expect }) => {
      const body = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
      const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
      await expectProblem(expect, response, "invalid-body");
    });

    it("refuses a body that says it is too large, without reading it", async ({ expect }) => {
      const body = new Uint8Array(limit + 1).fill(0x20);
      const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
      await expectProblem(expect, response, "body-too-large");
    });

    it("stops reading a body of unknown length at the limit", async ({ expect }) => {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(0x20));
        },
      });
      const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
      await expectProblem(expect, response, "body-too-large");
      expect(sent).toBeLessThan(limit + 10 * 65_536);
    });
  }
});

it("A refusal of everything can be read by the pages that may call", async ({ expect }) => {
  const vars = { RATE_LIMIT: "perhaps" };
  const headers = { Origin: LISTED_ORIGIN };
  const response = await send("/users", { headers }, vars);
  await expectProblem(expect, response, "internal");
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe(LISTED_ORIGIN);
  const preflight = { ...headers, "Access-Control-Request-Method": "POST" };
  expect((await send("/users", { method: "OPTIONS", headers: preflight }, vars)).status).toBe(204);
});

it("A public endpoint that no route has is told, and opens nothing", async ({ expect }) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  const response = await send("/users", { method: "POST" }, { PUBLIC_ENDPOINTS: "users user" });
  await expectProblem(expect, response, "internal");
  expect(log.mock.calls.join("")).toContain('not \\"user\\"');
  log.mockRestore();
});

it("The access of each route is that of an endpoint, open, or a token's", ({ expect }) => {
  const names = new Set(["open", "token", ...routes.flatMap((route) => endpointOf(route) ?? [])]);
  expect(routes.filter(({ access }) => !names.has(access))).toEqual([]);
});

it("Unknown paths are refused, with CORS headers", async ({ expect }) => {
  const response = await send("/no/such/path", { headers: { Origin: LISTED_ORIGIN } });
  await expectProblem(expect, response, "not-found");
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe(LISTED_ORIGIN);
});

it("A page of the Worker's own origin may call", async ({ expect }) => {
  const response = await send("/health", { headers: { Origin: ORIGIN } });
  expect(response.status).toBe(200);
});

it("Each problem type has its page", async ({ expect }) => {
  const response = await send("/problems/email-taken");
  expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
  expect(await response.text()).toContain("email-taken");
  await expectProblem(expect, await send("/problems/unknown"), "not-found");
});
