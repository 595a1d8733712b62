// Promises that every route keeps. A new route is tested here as soon as it is in the list of routes.
import { describe, it, vi } from "vitest";
import { BUDGET_NAMES } from "../src/domain/callers/budgets";
import { Table } from "../src/durable-objects/table";
import { endpointOf } from "../src/http/route";
import { documentedRoutes } from "../src/reference/documented-routes";
import { loadRoutes } from "../src/routes";
import { expectProblem } from "./support/problem";
import { AUTHORIZATION, send } from "./support/worker";

const routes = await loadRoutes();

const LISTED_ORIGIN = "https://site.example";
const SAMPLE_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const JSON_TYPE = { "Content-Type": "application/json" };

describe.each(routes)("$method $path", (route) => {
  const path = route.path.replace(":code", "not-found").replaceAll(/:\w+/g, SAMPLE_ID);
  const parameters =
    route.query !== undefined && "entries" in route.query
      ? Object.keys(Object(route.query.entries))
      : [];
  /** Of a page or a file; a link's needs its token. */
  const usual = route.access === "link" ? 404 : 200;
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

  it("refuses other methods and lists its own", async ({ expect }) => {
    const own: string[] = routes
      .filter((other) => other.path === route.path)
      .map(({ method }) => method);
    for (const method of ["PUT", "POST", "PATCH", "DELETE"].filter((any) => !own.includes(any))) {
      const response = await call({ method, headers: AUTHORIZATION });
      await expectProblem(expect, response, "method-not-allowed");
      const allow = response.headers
        .get("Allow")
        ?.split(", ")
        .filter((name) => name !== "HEAD");
      expect(allow).toEqual([...new Set(own), "OPTIONS"]);
    }
  });

  it("answers a preflight of a listed origin", async ({ expect }) => {
    const headers = {
      Origin: LISTED_ORIGIN,
      "Access-Control-Request-Method": route.method,
      "Access-Control-Request-Headers": "traceparent,x-own",
    };
    const response = await call({ method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("Vary")).toBe("Origin, Access-Control-Request-Headers");
    const allowed = response.headers.get("Access-Control-Allow-Headers");
    for (const name of ["traceparent", "x-own"]) expect(allowed).toContain(name);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe(LISTED_ORIGIN);
    expect(response.headers.get("Access-Control-Allow-Methods")).toContain(route.method);
    expect(allowed).toContain("Authorization");
    expect(Number(response.headers.get("Access-Control-Max-Age"))).toBeGreaterThan(0);
  });

  it("tells a preflight of a foreign origin nothing", async ({ expect }) => {
    const headers = {
      Origin: "https://evil.example",
      "Access-Control-Request-Method": route.method,
      "Access-Control-Request-Headers": "traceparent",
    };
    const response = await call({ method: "OPTIONS", headers });
    for (const name of ["Access-Control-Allow-Origin", "Access-Control-Allow-Headers"])
      expect(response.headers.has(name)).toBe(false);
  });

  it("refuses a page of a foreign origin, but for links and what is for all", async ({
    expect,
  }) => {
    const response = await call({ headers: { Origin: "https://evil.example" } });
    if (route.isForAnyOrigin === true) {
      expect(response.status).toBe(200);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
      return;
    }
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
    if (route.access === "link") expect(response.status).toBe(404);
    else await expectProblem(expect, response, "origin-not-allowed");
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

  it("refuses too many requests, but for pages and files", async ({ expect }) => {
    const exhausted = { limit: async () => ({ success: false }) };
    const vars = { RATE_LIMIT: "on", RATE_LIMITER: exhausted };
    const guess = await call({ headers: { Authorization: "Bearer wrong" } }, vars);
    await expectProblem(expect, guess, "rate-limited");
    const response = await call({}, vars);
    if (route.isFile === true) {
      expect(response.status).toBe(usual);
      return;
    }
    await expectProblem(expect, response, "rate-limited");
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(response.headers.get("RateLimit-Policy")).toMatch(/^"default";q=\d+;w=\d+$/);
  });

  it("leaks nothing of an unexpected error", async ({ expect }) => {
    const broken = { limit: () => Promise.reject(new Error("secret-detail")) };
    // Wrong tokens are counted on every route.
    const headers = { Authorization: "Bearer wrong" };
    const response = await call({ headers }, { RATE_LIMIT: "on", RATE_LIMITER: broken });
    const problem = await expectProblem(expect, response, "internal");
    expect(JSON.stringify(problem)).not.toContain("secret-detail");
  });

  it("says that a configuration cannot be read, and opens nothing", async ({ expect }) => {
    const response = await call({}, { ALLOWED_ORIGINS: "not an origin" });
    const isPage = route.isFile === true && route.method === "GET";
    const answersAnyway = isPage || route.path === "/health";
    if (answersAnyway) expect(response.status).toBeLessThan(500);
    else await expectProblem(expect, response, "internal");
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

  if (route.access !== "open" && route.access !== "link") {
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

    it("spends no challenge on a body that does not fit", async ({ expect }) => {
      const verify = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("was asked"));
      const vars = { TURNSTILE_SECRET: "secret" };
      const headers = { ...JSON_TYPE, "Turnstile-Token": "good" };
      const response = await call({ headers, body: '{"no_such_field":1}' }, vars);
      await expectProblem(expect, response, "invalid-body");
      expect(verify).not.toHaveBeenCalled();
      verify.mockRestore();
    });
  }

  if (route.admitsItself === true && route.params === undefined) {
    it("refuses callers without a token whose day is spent", async ({ expect }) => {
      const documented = documentedRoutes.find((entry) => entry.operationId === route.operationId);
      const example = documented?.examples.find(({ body }) => typeof body === "object");
      const body = JSON.stringify(example?.body);
      const vars = { ANONYMOUS_DAILY: "batches=0 items=0 calls=0" };
      const refused = await call({ headers: JSON_TYPE, body }, vars);
      const { quota } = await expectProblem(expect, refused, "quota-exceeded");
      expect(BUDGET_NAMES).toContain(quota);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
      const spend = vi.spyOn(Table.prototype, "spend");
      await call({ headers: { ...JSON_TYPE, ...AUTHORIZATION }, body }, vars);
      expect(spend).not.toHaveBeenCalled();
      spend.mockRestore();
    });
  }

  if (route.callsOut === true) {
    it("refuses a request that one of its own has led to", async ({ expect }) => {
      const headers = { ...AUTHORIZATION, ...JSON_TYPE };
      const marked = await call({ headers: { ...headers, "CDN-Loop": "serentak" }, body: "{}" });
      await expectProblem(expect, marked, "loop-detected");
      const other = await call({ headers: { ...headers, "CDN-Loop": "cloudflare" }, body: "{}" });
      await expectProblem(expect, other, "invalid-body");
    });
  }

  it("knows its query parameters, and refuses others", async ({ expect }) => {
    const ask = (query: string) => send(`${path}?${query}`, init);
    const init = { method: route.method, headers: AUTHORIZATION };
    for (const query of [
      "utm_source=mail",
      "x",
      "__proto__=1",
      `${"%F0%9F%98%80".repeat(300)}=1`,
    ]) {
      if (route.isFile === true) {
        expect((await ask(query)).status).toBe(usual);
        continue;
      }
      // Trackers add parameters to the links of mails: what is missing here is the token alone.
      if (route.access === "link") {
        await expectProblem(expect, await ask(query), "not-found");
        continue;
      }
      const { detail } = await expectProblem(expect, await ask(query), "malformed-request");
      const [name = ""] = query.split("=");
      expect(detail).toContain(`"${decodeURIComponent(name).slice(0, 100)}": not known; `);
    }
    if (route.access === "link") return;
    for (const name of parameters) {
      if (route.isFile !== true) {
        const misspelt = await expectProblem(expect, await ask(`${name}x=1`), "malformed-request");
        expect(misspelt.detail).toContain(`the nearest one is "${name}"`);
      }
      const twice = await expectProblem(
        expect,
        await ask(`${name}=&${name}=1`),
        "malformed-request",
      );
      expect(twice.detail).toBe(`Query parameter "${name}": stands more than once.`);
      // As long as no parameter is, and of two parts: a filter of several values is named as it was written.
      const wrong = await ask(`${name}=${"\u0001,".repeat(5001)}`);
      expect((await expectProblem(expect, wrong, "malformed-request")).detail).toContain(
        route.isQueryForRaw === true ? "Query parameter" : `Query parameter "${name}": `,
      );
    }
  });
});
