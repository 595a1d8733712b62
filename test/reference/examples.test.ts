// Every example of the documentation, sent to the Worker: it answers as was recorded, and as the
// documentation therefore shows.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { compileQuery } from "../../src/domain/json-query";
import type { Route } from "../../src/http/route";
import type { Example } from "../../src/http/route-docs";
import { documentedRoutes } from "../../src/reference/documented-routes";
import type { RecordedReply } from "../../src/reference/recorded-replies";
import { BATCH_ID } from "../../src/routes/batches/docs";
import { EVENT_ID, TASK_ID } from "../../src/routes/tasks/docs";
import { USER_ID } from "../../src/routes/users/docs";
import { submitJob } from "../support/jobs";
import { delivered, file, receive } from "../support/tasks";
import { HAS_MAIL_SERVER, restoreWorld, signUp } from "../support/users";
import { AUTHORIZATION, send } from "../support/worker";

/** A century ahead of the examples, so that no alarm rings by itself, ever. */
const NOW = Date.UTC(2126, 10, 22, 9, 30);
const toFuture = (text: string) => text.replaceAll("2026-", "2126-");
const toPresent = (text: string) => text.replaceAll("2126-", "2026-");

/** Upstreams that the examples call, in place of the network. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  receive(({ host, url }) => {
    const { pathname, searchParams } = new URL(url);
    if (host === "people.example") return person(pathname);
    if (host === "slack.example") return new Response("ok");
    if (searchParams.get("name") !== "no-mail.example") return Response.json(HAS_MAIL_SERVER);
    return Response.json({ Status: 0, Answer: [{ type: 15, data: "0 ." }] });
  });
});

afterEach(async () => {
  await reset();
  restoreWorld();
});

function person(path: string): Response {
  return path === "/ada"
    ? Response.json({ name: "Ada", born: 1815 })
    : Response.json({ error: "not found" }, { status: 404 });
}

const recorded: Record<string, Record<string, RecordedReply>> = {};

describe.each(documentedRoutes)("$method $path", (route) => {
  it.for(route.examples)("$name: $summary", async (example, { expect }) => {
    const ids = { samples: sampleIdsOf(route), actual: await prepare(route, example) };
    const response = await send(pathOf(route, example, ids), initOf(route, example));
    const reply = await recordOf(response, example, ids);
    expect(reply).toMatchObject({ status: example.status ?? route.reply.status });
    recorded[route.operationId] = { ...recorded[route.operationId], [example.name]: reply };
  });
});

it("All replies are as recorded; `npm run record` records them anew", async ({ expect }) => {
  const unanswered = documentedRoutes.flatMap(({ operationId, examples }) =>
    examples.filter(({ name }) => recorded[operationId]?.[name] === undefined),
  );
  expect(unanswered).toEqual([]);
  const text = `${JSON.stringify(recorded, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../src/reference/recorded-replies.json");
});

/** Makes what an example is about, and returns its ids in the order of their samples. */
async function prepare({ path, operationId }: Route, { name }: Example): Promise<string[]> {
  if (name === "email-taken" || path === "/users/:id" || operationId === "listUsers") {
    return [(await signUp("ada@example.com", { name: "Ada Lovelace" })).id];
  }
  const isOfTask = path.startsWith("/tasks/:id") || path.startsWith("/notifications");
  if (isOfTask || operationId === "listTasks") {
    const due_at = toFuture("2026-11-30T16:00:00Z");
    const { id } = await file({ priority: "high", due_at, notify: ["slack"] });
    await delivered(id);
    return [id];
  }
  const isOfBatch = path.startsWith("/batch-process/:id") || operationId.endsWith("Batches");
  return isOfBatch ? [await prepareBatch(operationId, name)] : [];
}

async function prepareBatch(operationId: string, name: string): Promise<string> {
  const isRetry = operationId === "retryBatch";
  const { id, job } = isRetry
    ? await submitJob(['{"a":1}', "{"], { operation: "json_parse" })
    : await submitJob([" Ada ", "GRACE"], {
        operation: ["trim", "lowercase"],
        ...(operationId.endsWith("Batches") && { label: "Names of Monday" }),
      });
  if (operationId === "resumeBatch") await job.act("pause");
  const isOpen = ["pause", "resume", "cancel"].includes(name);
  if (!isOpen) await job.run();
  return id;
}

/** Ids that the documentation shows, and in the same order those that they stand for. */
interface Ids {
  readonly samples: readonly string[];
  readonly actual: string[];
}

const REQUEST_ID = "5f2c1f0e-6c0f-4f0e-9d1c-3f6f0a3f7b11";

function sampleIdsOf({ path }: Route): readonly string[] {
  if (path.startsWith("/users")) return [USER_ID];
  if (/^\/(?:tasks|notifications|channels)/.test(path)) return [TASK_ID, EVENT_ID];
  return [BATCH_ID];
}

function pathOf(route: Route, { params = {}, query = {} }: Example, ids: Ids): string {
  const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const [value = "", ...rest] = (params[name] ?? "").split(".");
    return [ids.actual[ids.samples.indexOf(value)] ?? value, ...rest].join(".");
  });
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${toFuture(search)}`;
}

function initOf({ method, access }: Route, { headers = {}, body, mediaType }: Example) {
  return {
    method,
    headers: {
      ...headers,
      ...(access === "token" && AUTHORIZATION),
      ...(body !== undefined && { "Content-Type": mediaType ?? "application/json" }),
    },
    ...(body !== undefined && {
      body: toFuture(typeof body === "string" ? body : JSON.stringify(body)),
    }),
  };
}

async function recordOf(
  response: Response,
  { excerpt }: Example,
  ids: Ids,
): Promise<RecordedReply> {
  const { status, headers } = response;
  const text = await response.text();
  if (text === "") return { status };
  const mediaType = headers.get("Content-Type")?.split(";")[0] ?? "";
  const known = { ...ids, requestId: headers.get("Request-Id") };
  // Not that of NDJSON, which is text.
  const body: unknown = /[/+]json$/.test(mediaType)
    ? JSON.parse(withSamples(JSON.stringify(partOf(JSON.parse(text), excerpt)), known))
    : withSamples(String(partOf(text, excerpt)), known);
  return { status, mediaType, body };
}

/** A text with samples in place of what differs from one run to the next: ids, instants and times. */
function withSamples(text: string, { requestId, ...ids }: Ids & { requestId: string | null }) {
  return toPresent(text)
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
      id === requestId ? REQUEST_ID : sampleOf(id, ids),
    )
    .replaceAll(/"duration_ms":[\d.]+/g, '"duration_ms":12.3')
    .replaceAll(/"started_ms":[\d.]+/g, '"started_ms":0.3');
}

/** The sample of an id: the next that stands for none yet, where the id is new. */
function sampleOf(id: string, { samples, actual }: Ids): string {
  if (!actual.includes(id)) actual.push(id);
  const sample = samples[actual.indexOf(id)];
  if (sample === undefined) throw new Error(`No sample is left for ${id}`);
  return sample;
}

function partOf(body: unknown, excerpt: Example["excerpt"]): unknown {
  if (excerpt === undefined) return body;
  if (typeof excerpt === "string") return compileQuery(excerpt).evaluate(body);
  const part = excerpt.exec(String(body))?.[0];
  if (part === undefined) throw new Error(`Nothing matches ${excerpt}`);
  return part;
}
