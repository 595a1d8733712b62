// What the Worker owes its callers as a whole, whatever the route.
import { it, vi } from "vitest";
import { endpointOf } from "../src/http/route";
import { endpointNames, loadRoutes, resourceAt } from "../src/routes";
import { expectProblem } from "./support/problem";
import { ORIGIN, send } from "./support/worker";

const routes = await loadRoutes();

const LISTED_ORIGIN = "https://site.example";

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

it("The access of each route is that of an endpoint, open, a link's, or a token's", ({
  expect,
}) => {
  const names = new Set(["open", "link", "token", ...endpointNames]);
  expect(routes.filter(({ access }) => !names.has(access))).toEqual([]);
  expect(new Set(routes.flatMap((route) => endpointOf(route) ?? []))).toEqual(endpointNames);
});

it("Each route is found in the resource that its path begins with", async ({ expect }) => {
  for (const route of routes) {
    const { routes: found } = await resourceAt(route.path)();
    expect(found, route.path).toContain(route);
  }
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
