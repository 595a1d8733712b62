// Deleting a person, and a task about them: their strings are looked for in all that is stored anywhere,
// in every reply that can still be had, and in the log.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HAS_MAIL_SERVER, letTimePass, patch, remove, restoreWorld } from "./support/users";
import { publishedRecords, storedRows } from "./support/stored";
import { patchTask, removeTask } from "./support/tasks";
import { AUTHORIZATION, post, send } from "./support/worker";

/** In every text that somebody gives. */
const MARK = "zq7xmark";
/** One takes what it is told, the other refuses it until the end. */
const CHANNELS = ["hook", "rotating"] as const;
let log: string[];

beforeEach(() => {
  log = [];
  for (const level of ["log", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((text: unknown) => void log.push(String(text)));
  }
  // Receivers repeat what they are told; the second refuses it.
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const { hostname } = new URL(request.url);
    if (!hostname.endsWith(".example")) return Response.json(HAS_MAIL_SERVER);
    const status = hostname === "rotating.example" ? 503 : 200;
    return new Response(await request.text(), { status });
  });
});
afterEach(restoreWorld);

let count = 0;
function user(): Record<string, unknown> {
  count += 1;
  return {
    name: `Ada ${MARK}`,
    email: `${MARK}-${count}@example.com`,
    age: 36,
    metadata: { [`key-${MARK}`]: [MARK, { deep: MARK }] },
  };
}
function task(): Record<string, unknown> {
  return {
    title: `Call ${MARK}`,
    description: `Lines\nof ${MARK}`,
    reply_to: `${MARK}@example.com`,
    metadata: { [`key-${MARK}`]: MARK },
    notify: [...CHANNELS],
  };
}

const Created = v.object({ id: v.string() });
const Finished = v.object({
  id: v.string(),
  results: v.array(v.object({ status: v.string(), output: v.optional(Created) })),
});

/** The id of what a request made. */
async function idOf(response: Response): Promise<string> {
  expect(response.status).toBe(201);
  return v.parse(Created, await response.json()).id;
}

/** Requests that can be repeated, and may tell what they told before. */
const repeats: (() => Promise<Response>)[] = [];
/** Sends a request with a key, and notes it. */
function keyed(send: (headers: Record<string, string>) => Promise<Response>): Promise<Response> {
  const headers = { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=20" };
  repeats.push(() => send(headers));
  return send(headers);
}

const batches: string[] = [];
/** The ids of what a batch made. */
async function made(response: Response): Promise<string[]> {
  expect(response.status).toBe(200);
  const { id, results } = v.parse(Finished, await response.json());
  batches.push(id);
  return results.flatMap(({ output }) => (output === undefined ? [] : [output.id]));
}

function lines(operation: string, items: readonly object[], headers: Record<string, string>) {
  return send(`/batch-process?operation=${operation}`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/x-ndjson" },
    body: items.map((item) => JSON.stringify(item)).join("\n"),
  });
}

function table(operation: string, item: Record<string, unknown>, headers: Record<string, string>) {
  const cells = Object.entries(item).filter(([, value]) => typeof value === "string");
  const quote = (text: unknown) => `"${String(text)}"`;
  return send(`/batch-process?operation=${operation}`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "text/csv" },
    body: `${cells.map(([name]) => name).join(",")}\n${cells.map(([, text]) => quote(text)).join(",")}`,
  });
}

/** Makes records by every way there is. */
async function makeAll(path: string, operation: string, item: () => Record<string, unknown>) {
  const [one, two, three, four] = [item(), item(), item(), item()];
  return [
    await idOf(await post(path, item())),
    await idOf(await keyed((headers) => post(path, one, headers))),
    ...(await made(
      await keyed((headers) => post("/batch-process", { operation, items: [two] }, headers)),
    )),
    ...(await made(await keyed((headers) => lines(operation, [three], headers)))),
    ...(await made(await keyed((headers) => table(operation, four, headers)))),
  ];
}

/** Lets all that is left to do be done: KV takes one write a second of a key. */
async function settle(): Promise<void> {
  letTimePass(60_000);
  for (const name of ["users", "tasks", "batches"])
    await runDurableObjectAlarm(env.TABLES.getByName(name));
  for (const name of CHANNELS) await runDurableObjectAlarm(env.CHANNEL_QUEUES.getByName(name));
}

/** All that can still be read. */
async function replies(ids: readonly string[]): Promise<string[]> {
  const asked = [
    "/users?limit=100",
    "/tasks?limit=100",
    "/notifications?limit=100",
    ...ids.flatMap((id) => [`/users/${id}`, `/tasks/${id}`]),
    ...batches.flatMap((id) => [`/batch-process/${id}`, `/batch-process/${id}/results`]),
  ].map((path) => () => send(path, { headers: AUTHORIZATION }));
  const found: string[] = [];
  for (const ask of [...asked, ...repeats]) {
    const response = await ask();
    const text = await response.text();
    found.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
  }
  return found;
}

const marked = (texts: readonly string[]) =>
  texts.filter((text) => text.toLowerCase().includes(MARK));

it("Nothing is left of a person who is deleted, nor of a task", async () => {
  const users = await makeAll("/users", "users", user);
  const tasks = await makeAll("/tasks", "tasks", task);
  expect([users, tasks].map(({ length }) => length)).toEqual([5, 5]);
  for (const [n, id] of users.entries()) {
    const changed = await patch(id, { name: `New ${MARK}`, email: `new-${n}-${MARK}@example.com` });
    expect(changed.status).toBe(200);
    const assigned = { assignee_id: id, title: `New ${MARK}` };
    expect((await patchTask(tasks[n] ?? "", assigned)).status).toBe(200);
  }
  await settle();
  // What is looked for is there to be found, in each kind of place.
  const rows = marked(await storedRows());
  for (const binding of ["TABLES", "CHANNEL_QUEUES"] as const)
    expect(rows.filter((row) => row.startsWith(binding))).not.toEqual([]);
  for (const texts of [await publishedRecords(), await replies([])])
    expect(marked(texts)).not.toEqual([]);

  for (const id of users) expect((await remove(id)).status).toBe(204);
  for (const id of tasks) expect((await removeTask(id)).status).toBe(204);
  await settle();
  expect(marked(await storedRows())).toEqual([]);
  expect(marked(await publishedRecords())).toEqual([]);
  expect(marked(await replies([...users, ...tasks]))).toEqual([]);
  expect(marked(log)).toEqual([]);
});

it("Items of a batch that have made a record keep its id, others what they hold", async () => {
  const taken = user();
  await idOf(await post("/users", taken));
  const items = [user(), taken];
  const response = await post(
    "/batch-process",
    { operation: "users", items },
    { Prefer: "wait=20" },
  );
  const { results } = v.parse(Finished, await response.json());
  expect(results.map(({ status }) => status)).toEqual(["succeeded", "failed"]);
  const rows = (await storedRows()).filter((row) => row.startsWith('JOBS: ["chunks"'));
  const holds = (item: Record<string, unknown>) =>
    rows.some((row) => row.includes(String(item["email"])));
  expect(items.map(holds)).toEqual([false, true]);
});
