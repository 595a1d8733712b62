// A Worker as a careful author would write it with Hono and valibot: it keeps our promises for /process-data,
// each in the cheapest way that Hono offers. The other endpoints, in `posts.ts`, promise less.
import { Hono, type Context } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import { json, limit, problem, type Types } from "./body.ts";
import { addPosts } from "./posts.ts";

const EXPOSED_HEADERS =
  "Location, Link, Retry-After, ETag, Request-Id, Idempotency-Replayed, Preference-Applied, Server-Timing, RateLimit-Policy";

const ProcessDataRequest = v.strictObject({
  items: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(10_000)),
  operation: v.picklist(["uppercase", "lowercase", "trim"]),
});

const OPERATIONS = {
  uppercase: (text: string) => text.toUpperCase(),
  lowercase: (text: string) => text.toLowerCase(),
  trim: (text: string) => text.trim(),
};

const app = new Hono<Types>();

app.use(async (c, next) => {
  c.set("startedAt", performance.now());
  c.set("requestId", crypto.randomUUID());
  setCommonHeaders(c);
  await next();
  logRequest(c);
});

app.post("/process-data", limit, json(ProcessDataRequest), (c) => {
  const { items, operation } = c.req.valid("json");
  const startedAt = performance.now();
  const apply = OPERATIONS[operation];
  const reply = {
    operation,
    original_count: items.length,
    processed_items: items.map((item) => apply(item)),
    errors: [],
    duration_ms: performance.now() - startedAt,
  };
  c.header("Server-Timing", `total;dur=${elapsedMs(c).toFixed(1)}`);
  return c.json(reply);
});

addPosts(app);
app.notFound((c) => problem(c, 404, "not-found"));
app.onError((error, c) => {
  const response =
    error instanceof HTTPException
      ? problem(c, error.status, "malformed-json")
      : problem(c, 500, "internal");
  logRequest(c);
  return response;
});

export default app;

function elapsedMs(c: Context<Types>): number {
  return performance.now() - c.get("startedAt");
}

function setCommonHeaders(c: Context<Types>): void {
  c.header("Cache-Control", "no-store");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Request-Id", c.get("requestId"));
  c.header("Vary", "Origin");
  const origin = c.req.header("Origin");
  if (origin === undefined || !isAllowed(origin, c.env.ALLOWED_ORIGINS)) return;
  c.header("Access-Control-Allow-Origin", origin);
  c.header("Access-Control-Expose-Headers", EXPOSED_HEADERS);
}

function isAllowed(origin: string, list: string): boolean {
  return list === "*" || list.split(",").includes(origin);
}

function logRequest(c: Context<Types>): void {
  const line = {
    level: c.res.status >= 500 ? "error" : "info",
    request_id: c.get("requestId"),
    ray: c.req.header("CF-Ray"),
    method: c.req.method,
    route: c.req.path,
    status: c.res.status,
    caller: "anonymous",
    duration_ms: Math.round(elapsedMs(c) * 10) / 10,
  };
  console.log(JSON.stringify(line));
}
