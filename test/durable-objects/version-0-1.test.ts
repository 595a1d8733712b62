// Everything that version 0.1 stored is still there after the update. The fixture was exported from a running
// 0.1 (commit 5c24c3d, `npm start`): most of it from KV, the rest from its writers while KV refused writes.
// It contains sign-ups, changes, changes of the address, and deletions. `shown` is what callers of 0.1 had
// been told.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, it } from "vitest";
import { fakeDns } from "../support/users";
import { AUTHORIZATION, post, send } from "../support/worker";
import left from "../fixtures/version-0-1.json";

const { users, tasks } = left.shown;
const WRITERS = left.writers.map((state, n) => ({
  state,
  stub: env.RECORD_WRITERS.getByName(`writer ${String(n)}`),
}));

async function keep(namespace: KVNamespace, entries: object): Promise<void> {
  for (const [key, { value, metadata }] of Object.entries(entries))
    await namespace.put(key, JSON.stringify(value), { metadata });
}

beforeAll(async () => {
  fakeDns();
  await keep(env.USERS, left.users);
  await keep(env.TASKS, left.tasks);
  for (const { state, stub } of WRITERS) await putState(stub, state);
  for (const { name, job, schema, chunks } of left.jobs) {
    await runInDurableObject(env.JOBS.getByName(name), (_, { storage }) => {
      storage.kv.put("job", job);
      for (const statement of schema) storage.sql.exec(statement);
      for (const chunk of chunks) {
        storage.sql.exec(
          `INSERT INTO chunks (${Object.keys(chunk).join(", ")}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          ...Object.values(chunk),
        );
      }
    });
  }
});

type Writer = (typeof WRITERS)[number]["stub"];

/** A state with the alarm that a writer sets when it has something to do. */
function putState(stub: Writer, state: object): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    storage.kv.put("state", state);
    return storage.setAlarm(Date.now() + 60 * 60_000);
  });
}

function stateOf(stub: Writer): Promise<unknown[]> {
  return runInDurableObject(stub, async (_, { storage }) => [
    storage.kv.get("state"),
    await storage.getAlarm(),
  ]);
}

async function get(path: string): Promise<unknown> {
  const response = await send(path, { headers: AUTHORIZATION });
  return response.status === 200 ? response.json() : response.status;
}

/** Ids of a list. */
async function listed(kind: "users" | "tasks"): Promise<string[]> {
  const response = await send(`/${kind}?limit=100`, { headers: AUTHORIZATION });
  const page: Record<string, { id: string }[]> = await response.json();
  return (page[kind] ?? []).map(({ id }) => id).toSorted();
}

/** A user or task of 0.1 as it is shown now. */
const userNow = (user: object) => ({ ...user, confirmed_at: null });
const taskNow = (task: object) => ({ ...task, metadata: {}, reply_to: null });

const IN_KV = {
  users: [users.plain, users.odd, users.moved, users.unknown],
  tasks: [tasks.plain, tasks.assigned, tasks.done],
};

describe("what had reached KV", () => {
  it.for(IN_KV.users)("user $name is found by id and by e-mail", async (user, { expect }) => {
    expect(await get(`/users/${user.id}`)).toEqual(userNow(user));
    const byEmail = `/users?email=${encodeURIComponent(user.email.toUpperCase())}`;
    expect(await get(byEmail)).toMatchObject({ users: [{ id: user.id }] });
  });

  it.for(IN_KV.tasks)("task $title is found", async ({ notifications, ...task }, { expect }) => {
    expect(await get(`/tasks/${task.id}`)).toMatchObject(taskNow(task));
  });

  it("what was still to be delivered is handed to its channel, and what was is forgotten", async ({
    expect,
  }) => {
    for (const { name } of left.jobs)
      await runInDurableObject(env.JOBS.getByName(name), (job) => job.alarm());
    expect(await get(`/tasks/${tasks.assigned.id}`)).toMatchObject({
      notifications: [{ channel: "dead", event: "task.created" }],
    });
  });

  it.for(IN_KV.users)("the address of $name stays taken", async ({ email }, { expect }) => {
    expect((await post("/users", { name: "Again", email: email.toUpperCase() })).status).toBe(409);
  });

  it("the address that a user had before is free", async ({ expect }) => {
    expect((await post("/users", { name: "New", email: "grace@old.example" })).status).toBe(201);
  });

  it("what was deleted is gone", async ({ expect }) => {
    expect(await get(`/users/${users.deleted.id}`)).toBe(404);
    expect(await get(`/tasks/${tasks.deleted.id}`)).toBe(404);
  });
});

describe("what had not", () => {
  beforeAll(async () => {
    for (const { stub } of WRITERS) await runDurableObjectAlarm(stub);
    for (const table of ["users", "tasks"])
      await runDurableObjectAlarm(env.TABLES.getByName(table));
  });

  const USERS = [users.pending, users.renamed, users.movedPending];
  it.for(USERS)("user $name is there", async (user, { expect }) => {
    expect(await get(`/users/${user.id}`)).toEqual(userNow(user));
    expect(await env.USERS.get(user.id, "json")).toEqual(userNow(user));
    expect((await post("/users", { name: "Again", email: user.email })).status).toBe(409);
  });

  const TASKS = [tasks.pending, tasks.changedPending];
  it.for(TASKS)("task $title is there", async ({ id, notifications, ...task }, { expect }) => {
    const now = await get(`/tasks/${id}`);
    expect(now).toMatchObject(taskNow(task));
    const channels = notifications.map(({ channel }) => ({ channel }));
    expect(now).toMatchObject({ notifications: channels });
    expect(await env.TASKS.get(id, "json")).toMatchObject(task);
  });

  it("a user who was about to move has moved", async ({ expect }) => {
    const { id } = users.halfMoved;
    expect(await get(`/users/${id}`)).toMatchObject({ email: "stuck@new.example", version: 2 });
    const email = "half@old.example";
    expect((await post("/users", { name: "New", email })).status).toBe(201);
  });

  it("deletions are carried out", async ({ expect }) => {
    expect(await get(`/users/${users.deletedPending.id}`)).toBe(404);
    expect(await get(`/tasks/${tasks.deletedPending.id}`)).toBe(404);
    expect(await env.USERS.get(users.deletedPending.id)).toBeNull();
    expect(await env.TASKS.get(tasks.deletedPending.id)).toBeNull();
  });

  it("an address whose check had no result is checked again", async ({ expect }) => {
    await runInDurableObject(env.TABLES.getByName("users"), (_, { storage }) => {
      storage.sql.exec("UPDATE effects SET due_at = 0");
    });
    await evictDurableObject(env.TABLES.getByName("users"));
    await runDurableObjectAlarm(env.TABLES.getByName("users"));
    expect(await get(`/users/${users.unknown.id}`)).toMatchObject({
      email_check: { verdict: "deliverable" },
    });
  });

  it("lists hold all of it, once, and nothing else", async ({ expect }) => {
    expect(await listed("tasks")).toEqual(
      [...IN_KV.tasks, ...TASKS].map(({ id }) => id).toSorted(),
    );
    const known = [...IN_KV.users, ...USERS, users.halfMoved].map(({ id }) => id);
    const all = await listed("users");
    expect(all.filter((id) => known.includes(id))).toEqual(known.toSorted());
    // Those who took the addresses that were free.
    expect(all).toHaveLength(known.length + 2);
  });

  it("the writers are empty and have no alarm", async ({ expect }) => {
    for (const { stub, state } of WRITERS)
      expect(await stateOf(stub), JSON.stringify(state)).toEqual([undefined, null]);
  });
});

describe("what had not, and has been overtaken", () => {
  /** A writer that still has this user to publish. */
  async function writerOf<Value extends { readonly id: string }>(value: Value) {
    const stub = env.RECORD_WRITERS.getByName(`late writer of ${value.id}`);
    const effects = [{ key: 1, attempts: 3, dueAt: 0, effect: publish(value.id) }];
    const state = { record: { kind: "user", value }, effects, forwards: [], nextKey: 2 };
    await putState(stub, state);
    return { stub, state };
  }
  const publish = (id: string) => ({ kind: "publish", of: "user", id });

  it("a user who was deleted here stays deleted", async ({ expect }) => {
    const { id } = users.renamed;
    await send(`/users/${id}`, { method: "DELETE", headers: AUTHORIZATION });
    const { stub } = await writerOf({ ...users.renamed, version: 9 });
    await runDurableObjectAlarm(stub);
    expect(await get(`/users/${id}`)).toBe(404);
  });

  it("a user whose address somebody else has by now stays with the writer", async ({ expect }) => {
    const value = { ...users.plain, id: crypto.randomUUID() };
    const { stub, state } = await writerOf(value);
    await runDurableObjectAlarm(stub);
    expect(await get(`/users/${value.id}`)).toBe(404);
    expect(await stateOf(stub)).toEqual([state, null]);
  });

  it("what is no user is nobody's end", async ({ expect }) => {
    const { stub, state } = await writerOf({ ...users.moved, name: 7 });
    await runDurableObjectAlarm(stub);
    expect(await get(`/users/${users.moved.id}`)).toEqual(userNow(users.moved));
    expect(await stateOf(stub)).toEqual([state, null]);
  });
});
