// Tables as the first version of them was left by a power cut are opened by this one, with all that they
// keep. Made by `node scripts/dump-tables.mjs`; a release that migrates tables adds one of its own.
import {
  createExecutionContext,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import { fakeDns } from "../support/users";
import worker from "../../src/worker";
import { ORIGIN, post, send } from "../support/worker";
import dump from "../fixtures/tables-v1.sql?raw";

/** The token that made it: an Idempotency-Key belongs to whoever used it. */
const VARS = { API_TOKENS: "dev" };
const TOKEN = { Authorization: "Bearer dev" };
const TABLES = ["batches", "callers", "tasks", "users"];

const made = Date.parse(/"updated_at":"(?<at>[^"]+)"/.exec(dump)?.groups?.["at"] ?? "");
const fresh = new Map<string, string[]>();

function schemaOf(storage: DurableObjectStorage): string[] {
  return storage.sql
    .exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    .toArray()
    .map(({ sql }) => sql.replaceAll(/\s+/g, " ").replaceAll(/\( | \)/g, (text) => text.trim()))
    .filter((sql) => !sql.includes("_cf_"))
    .toSorted();
}

beforeAll(async () => {
  // Keys are kept for a day.
  vi.useFakeTimers({ toFake: ["Date"], now: made + 60_000 });
  fakeDns();
  for (const name of TABLES) {
    const stub = env.TABLES.getByName(name);
    const [, statements] = new RegExp(`^-- ${name}\n((?:(?!-- ).*\n)*)`, "m").exec(dump) ?? [];
    await runInDurableObject(stub, async (_, { storage }) => {
      fresh.set(name, schemaOf(storage));
      await storage.deleteAll();
      storage.sql.exec(statements ?? "");
    });
    await evictDurableObject(stub);
  }
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function get<T>(path: string): Promise<T> {
  return (await send(path, { headers: TOKEN }, VARS)).json();
}

describe("tables of the first version", () => {
  it.for(TABLES)("%s have the schema of this version once opened", async (name, { expect }) => {
    const stub = env.TABLES.getByName(name);
    const opened = await runInDurableObject(stub, (_, { storage }) => schemaOf(storage));
    expect(opened).toEqual(fresh.get(name));
  });

  it("list who is there, and find them by e-mail", async ({ expect }) => {
    const { users } = await get<{ users: { id: string; name: string }[] }>("/users");
    expect(users.map(({ name }) => name)).toEqual(["Grace", "Unsure", "Ada Lovelace"]);
    expect(await get("/users?email=ADA@b%C3%BCcher.example")).toMatchObject({
      users: [{ id: users[2]?.id }],
    });
    expect(await get(`/users/${users[2]?.id ?? ""}`)).toMatchObject({
      age: 36,
      metadata: { "with space": [1, { deep: null }], "": "empty", "ünïcode 😀": true },
    });
  });

  it.for(["ada@BÜCHER.example", "grace@new.example"])(
    "know that %s is taken",
    async (email, { expect }) => {
      expect((await post("/users", { name: "Again", email }, TOKEN, VARS)).status).toBe(409);
    },
  );

  it.for(["grace@old.example", "gone@example.com"])(
    "know that %s is free",
    async (email, { expect }) => {
      expect((await post("/users", { name: "New", email }, TOKEN, VARS)).status).toBe(201);
    },
  );

  it("answer repeats under the keys that they keep", async ({ expect }) => {
    const body = { name: "Someone else", email: "else@example.com" };
    const other = await post("/users", body, { ...TOKEN, "Idempotency-Key": "ada" }, VARS);
    expect(other.status).toBe(422);
    const batch = { operation: "uppercase", items: ["a"] };
    // The reply is the one of its time, with the members that a batch had then.
    const again = await worker.fetch(
      new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/batch-process`, {
        method: "POST",
        headers: { ...TOKEN, "Content-Type": "application/json", "Idempotency-Key": "batch" },
        body: JSON.stringify(batch),
      }),
      { ...env, ...VARS },
      createExecutionContext(),
    );
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.status).toBe(202);
  });

  it("filter and change tasks", async ({ expect }) => {
    const { tasks } = await get<{ tasks: { id: string; title: string }[] }>(
      "/tasks?status=pending,done&order=asc",
    );
    const titles = ["Call Ada", "Left behind", "Not in KV yet"];
    expect(tasks.map(({ title }) => title)).toEqual(titles);
    expect(await get("/tasks?priority=urgent&due_after=2098-01-01T00:00:00Z")).toMatchObject({
      tasks: [{ title: "Call Ada" }],
    });
    const changed = await send(
      `/tasks/${tasks[1]?.id ?? ""}`,
      {
        method: "PATCH",
        headers: { ...TOKEN, "Content-Type": "application/json" },
        body: JSON.stringify({ status: "in_progress" }),
      },
      VARS,
    );
    expect(await changed.json()).toMatchObject({ assignee_id: null, version: 3 });
  });

  it("carry out what waited, and write nothing to KV that it has", async ({ expect }) => {
    await runDurableObjectAlarm(env.TABLES.getByName("tasks"));
    const { tasks } = await get<{ tasks: { id: string }[] }>("/tasks?status=done");
    // What was in KV before it is not in that of this test.
    const [published] = (await get<{ tasks: { id: string }[] }>("/tasks?q=call+ada")).tasks;
    expect(await env.TASKS.get(published?.id ?? "")).toBeNull();
    expect(await env.TASKS.get(tasks[0]?.id ?? "", "json")).toMatchObject({
      title: "Not in KV yet",
    });
    vi.setSystemTime(made + 10 * 60_000);
    await runDurableObjectAlarm(env.TABLES.getByName("users"));
    expect(await get("/users?email=unsure@silent.example")).toMatchObject({
      users: [{ email_check: { verdict: "deliverable" }, version: 2 }],
    });
  });
});
