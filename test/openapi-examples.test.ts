// Every example of the documentation, sent to the Worker: it answers as the documentation says.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mediaTypeOf, statusOf } from "../src/reference/openapi-replies";
import type { Example } from "../src/http/route-docs";
import type { Route } from "../src/http/route";
import { documentedRoutes } from "../src/reference/documented-routes";
import { BATCH_ID } from "../src/routes/batches/docs";
import { NOTIFICATION_ID, TASK_ID } from "../src/routes/tasks/docs";
import { USER_ID } from "../src/routes/users/docs";
import { submitJob } from "./support/jobs";
import { delivered, file, readNotification, receive } from "./support/tasks";
import { HAS_MAIL_SERVER, restoreWorld, signUp } from "./support/users";
import { AUTHORIZATION, send } from "./support/worker";

/** What the examples call, in place of the network. */
beforeEach(() => {
  receive(({ host, url }) => {
    const { pathname, searchParams } = new URL(url);
    if (host === "people.example") return person(pathname);
    if (host === "slack.example") return new Response("ok");
    if (searchParams.get("name") !== "no-mail.example") return Response.json(HAS_MAIL_SERVER);
    return Response.json({ Status: 0, Answer: [{ type: 15, data: "0 ." }] });
  });
});

afterEach(async () => {
  restoreWorld();
  await reset();
});

function person(path: string): Response {
  return path === "/ada"
    ? Response.json({ name: "Ada", born: 1815 })
    : Response.json({ error: "not found" }, { status: 404 });
}

describe.each(documentedRoutes)("$method $path", (route) => {
  it.each(route.examples)("$name: $summary", async (example) => {
    const ids = await prepare(route, example);
    const response = await send(pathOf(route, example, ids), initOf(route, example));
    const text = await response.text();

    expect(response.status, text).toBe(statusOf(example, route.reply));
    const { body, isExcerpt = false } = example.reply;
    if (body === undefined) expect(text).toBe("");
    else {
      const mediaType = mediaTypeOf(example, route.reply);
      expect(response.headers.get("Content-Type")?.split(";")[0]).toBe(mediaType);
      const isText = typeof body === "string";
      const shown: unknown = isText ? masked(body) : JSON.parse(masked(JSON.stringify(body)));
      const sent: unknown = isText ? masked(text) : JSON.parse(masked(text));
      expect(sent).toEqual(isExcerpt ? partOf(shown) : shown);
    }
  });
});

/** Makes what an example is about, and returns its ids by those that the documentation shows. */
async function prepare({ path, operationId }: Route, { name }: Example): Promise<Ids> {
  if (name === "email-taken" || path === "/users/:id" || operationId === "listUsers") {
    return { [USER_ID]: (await signUp("ada@example.com", { name: "Ada Lovelace" })).id };
  }
  if (path.startsWith("/tasks/:id") || operationId === "listTasks") {
    const due_at = "2026-11-30T16:00:00Z";
    const { id } = await file({ priority: "high", due_at, notify: ["slack"] });
    await delivered(id);
    return { [TASK_ID]: id, [NOTIFICATION_ID]: (await readNotification(id)).id };
  }
  return path.startsWith("/batch-process/:id")
    ? { [BATCH_ID]: await prepareBatch(operationId, name) }
    : {};
}

async function prepareBatch(operationId: string, name: string): Promise<string> {
  const isRetry = operationId === "retryBatch";
  const { id, job } = isRetry
    ? await submitJob(['{"a":1}', "{"], { operation: "json_parse" })
    : await submitJob([" Ada ", "GRACE"], { operation: ["trim", "lowercase"] });
  if (operationId === "resumeBatch") await job.act("pause");
  const isOpen = ["pause", "resume", "cancel"].includes(name);
  if (!isOpen) await job.run();
  return id;
}

type Ids = Readonly<Record<string, string>>;

function pathOf(route: Route, { params = {}, query = {} }: Example, ids: Ids): string {
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = params[name] ?? "";
    return ids[value] ?? value;
  });
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

function initOf({ method, access }: Route, { headers = {}, body, mediaType }: Example) {
  return {
    method,
    headers: {
      ...headers,
      ...(access === "token" && AUTHORIZATION),
      ...(body !== undefined && { "Content-Type": mediaType ?? "application/json" }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
}

/** A text without what differs from one run to the next: ids, instants and times. */
function masked(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<instant>")
    .replaceAll(/"(duration_ms|started_ms|items_per_second|eta_ms)":\d[\d.]*/g, '"$1":0');
}

/** Matches what holds all of this, lists in any order. */
function partOf(shown: unknown): unknown {
  if (typeof shown === "string") return expect.stringContaining(shown);
  if (Array.isArray(shown)) return expect.arrayContaining(shown.map((entry) => partOf(entry)));
  if (typeof shown !== "object" || shown === null) return shown;
  const fields = Object.entries(shown).map(([key, value]) => [key, partOf(value)]);
  return expect.objectContaining(Object.fromEntries(fields));
}
