// The Worker's front door for tests, optionally with other variables than the configured ones.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { endpointOf } from "../../src/http/route";
import { loadRoutes } from "../../src/routes";
import worker from "../../src/worker";
import { expectDocumented } from "./openapi";

const routes = await loadRoutes();

/** Origin under which the tests reach the Worker. */
export const ORIGIN = "https://api.example";
/** The bearer token of the tests. */
export const TOKEN = "test-token";
/** Header with the bearer token. */
export const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };

/** Every endpoint that a route has, so that a new one is public in the tests without being listed. */
const PUBLIC_ENDPOINTS = routes.flatMap((route) => endpointOf(route) ?? []).join(" ");

/**
 * Sends a request through the Worker and waits for its background work. A reply that is not as the
 * OpenAPI document says fails the test.
 */
export async function send(
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
  vars: Record<string, unknown> = {},
): Promise<Response> {
  const ctx = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(ORIGIN + path, init);
  // A fresh object each time, as the configuration is remembered by the identity of `env`.
  const response = await worker.fetch(request, { ...env, PUBLIC_ENDPOINTS, ...vars }, ctx);
  await waitOnExecutionContext(ctx);
  await expectDocumented(request, response);
  return response;
}

/** A POST of a JSON body. */
export function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  vars: Record<string, unknown> = {},
): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return send(path, init, vars);
}
