// The other four endpoints as they are usually written with Hono: valibot checks the body, KV keeps what
// is created, background work hangs on waitUntil. None of it is unique, retried or durable.
import type { Hono } from "hono";
import * as v from "valibot";
import { json, limit, type Types } from "./body.ts";

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

const CreateUser = v.strictObject({
  name: Text,
  email: v.pipe(v.string(), v.maxLength(254), v.email()),
  age: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
  metadata: v.optional(v.record(v.string(), v.unknown()), {}),
});
const CreateTask = v.strictObject({
  title: Text,
  description: v.optional(v.nullable(v.string()), null),
  priority: v.optional(v.picklist(["low", "medium", "high", "urgent"]), "medium"),
});
const ExternalApi = v.strictObject({
  urls: v.pipe(v.array(v.pipe(v.string(), v.url())), v.minLength(1), v.maxLength(20)),
});
const Batch = v.strictObject({
  operation: v.picklist(["uppercase"]),
  items: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(10_000)),
});

const CALL_TIMEOUT_MS = 10_000;

/** Adds them to an app. */
export function addPosts(app: Hono<Types>): void {
  app.post("/users", limit, json(CreateUser), async (c) => {
    const user = { id: crypto.randomUUID(), ...c.req.valid("json"), created_at: new Date() };
    await c.env.USERS.put(user.id, JSON.stringify(user));
    return c.json(user, 201, { Location: `/users/${user.id}` });
  });

  app.post("/tasks", limit, json(CreateTask), async (c) => {
    const task = { id: crypto.randomUUID(), ...c.req.valid("json"), status: "pending" };
    await c.env.TASKS.put(task.id, JSON.stringify(task));
    return c.json(task, 201, { Location: `/tasks/${task.id}` });
  });

  app.post("/external-api", limit, json(ExternalApi), async (c) => {
    const { urls } = c.req.valid("json");
    const settled = await Promise.allSettled(urls.map(retrieve));
    return c.json({ total: urls.length, results: settled });
  });

  app.post("/batch-process", limit, json(Batch), (c) => {
    const { items } = c.req.valid("json");
    const id = crypto.randomUUID();
    const results = JSON.stringify(items.map((text) => text.toUpperCase()));
    c.executionCtx.waitUntil(c.env.TASKS.put(id, results));
    return c.json({ id, total: items.length }, 202, { Location: `/batch-process/${id}` });
  });
}

async function retrieve(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
  return { http_status: response.status, body: await response.json() };
}
