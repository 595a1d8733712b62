// Hostile requests, and what any answer to one must be: never a 5xx, and always a reply of ours.
import { expect, vi } from "vitest";
import { loadRoutes } from "../../src/routes";
import { HAS_MAIL_SERVER } from "../support/users";
import { AUTHORIZATION, send } from "../support/worker";

const routes = await loadRoutes();

/** A response, with its body as text. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a request with a token unless told otherwise, and checks what every answer owes. */
export async function attack(
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
): Promise<Reply> {
  const headers = new Headers(init.headers);
  if (!headers.has("Authorization")) headers.set("Authorization", AUTHORIZATION.Authorization);
  const response = await send(path, { ...init, headers });
  const reply = { status: response.status, headers: response.headers, text: await response.text() };
  const told = `${init.method ?? "GET"} ${path}: ${reply.status} ${reply.text}`.slice(0, 2000);
  expect(reply.status, told).toBeLessThan(500);
  expect(reply.headers.get("Request-Id"), told).toMatch(/^[0-9a-f-]{36}$/);
  if (reply.status >= 400) expectProblemDocument(reply, told);
  return reply;
}

function expectProblemDocument({ status, headers, text }: Reply, told: string): void {
  expect(headers.get("Content-Type"), told).toBe("application/problem+json");
  expect(JSON.parse(text), told).toMatchObject({
    status,
    code: expect.any(String),
    detail: expect.any(String),
    request_id: headers.get("Request-Id"),
  });
}

/** Sends a body as JSON, whatever it is. */
export function attackWith(
  path: string,
  body: BodyInit | null,
  { method = "POST", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const init = { method, headers: { "Content-Type": "application/json", ...headers } };
  return attack(path, { ...init, ...(body !== null && { body }) });
}

/** A record's id that nobody has. */
export const NOBODY = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";

/** Every route that takes a body. */
export const bodyRoutes = routes
  .filter(({ body }) => body !== undefined)
  .map(({ method, path }) => ({ method, path: path.replaceAll(/:\w+/g, NOBODY) }));

/** A good body of each of the five POSTs. */
export const GOOD_BODIES: Readonly<Record<string, Record<string, unknown>>> = {
  "/users": { name: "Ada", email: "ada@example.com", age: 36, metadata: { plan: "free" } },
  "/tasks": {
    title: "Call back",
    description: "soon",
    priority: "high",
    assignee_id: null,
    due_at: "2030-01-01T00:00:00Z",
    notify: ["hook"],
  },
  "/process-data": {
    items: ["a", { b: [1] }, null],
    operation: ["trim", { name: "truncate", length: 3 }],
  },
  "/external-api": {
    requests: [
      {
        id: "a",
        url: "https://up.example/",
        method: "POST",
        headers: { accept: "text/plain" },
        json: { a: 1 },
        timeout_ms: 1000,
        retries: 0,
        select: "a.b",
        fallback: [],
      },
    ],
    policy: "settled",
    timeout_ms: 2000,
  },
  "/batch-process": {
    operation: { name: "truncate", length: 3 },
    items: ["a", "b"],
    options: { concurrency: 2, max_attempts: 1, stop_after_failures: 1 },
    notify: ["hook"],
  },
};

/**
 * Every outgoing request is answered here, for the rest of the file: DNS, upstreams and webhooks alike,
 * also those of jobs that outlive their test.
 */
export function closeTheWayOut(): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(HAS_MAIL_SERVER));
}
