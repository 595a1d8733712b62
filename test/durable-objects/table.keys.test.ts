// Requests under Idempotency-Keys in a table, across concurrency, crashes and time.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, it } from "vitest";
import { KEEP_REPLY_MS, LEASE_MS } from "../../src/domain/idempotency";
import { stopAlarms } from "../support/tasks";
import { letTimePass, restoreWorld } from "../support/users";

const reply = { status: 201, headers: { ETag: '"1"' }, content: '{"id":1}' };

beforeEach(stopAlarms);
afterEach(restoreWorld);

const table = env.TABLES.getByName("batches");

function freshIds() {
  return { v4: crypto.randomUUID(), v7: crypto.randomUUID() };
}

it("lets one of fifty requests at once run, and the others wait", async ({ expect }) => {
  const key = crypto.randomUUID();
  const begin = () => table.begin(key, "a", freshIds());
  const turns = await Promise.all(Array.from({ length: 50 }, begin));
  expect(turns.filter(({ kind }) => kind === "run")).toHaveLength(1);
  expect(turns.filter(({ kind }) => kind === "wait")).toHaveLength(49);
});

it("replays the reply, after a crash as well", async ({ expect }) => {
  const key = crypto.randomUUID();
  await table.begin(key, "a", freshIds());
  await table.finish(key, reply, null);
  await evictDurableObject(table);
  expect(await table.begin(key, "a", freshIds())).toEqual({ kind: "replay", reply });
  expect(await table.begin(key, "b", freshIds())).toEqual({ kind: "mismatch" });
});

it("runs again under the same ids, at once, after a crash", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  await table.begin(key, "a", ids);
  await evictDurableObject(table);
  expect(await table.begin(key, "a", freshIds())).toEqual({ kind: "run", ids });
  expect(await table.begin(key, "a", freshIds())).toMatchObject({ kind: "wait" });
});

it("runs again under the same ids when the first request took too long", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  await table.begin(key, "a", ids);
  letTimePass(LEASE_MS - 5000);
  expect(await table.begin(key, "a", freshIds())).toMatchObject({ kind: "wait" });
  letTimePass(5000);
  expect(await table.begin(key, "a", freshIds())).toEqual({ kind: "run", ids });
});

it("is free for another request once the first is forgotten", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  await table.begin(key, "a", freshIds());
  await table.forget(key);
  expect(await table.begin(key, "b", ids)).toEqual({ kind: "run", ids });
});

it("runs again at once when the first request failed without a reply", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  await table.begin(key, "a", ids);
  await table.release(key);
  expect(await table.begin(key, "a", freshIds())).toEqual({ kind: "run", ids });
  expect(await table.begin(key, "a", freshIds())).toMatchObject({ kind: "wait" });
});

it("forgets a thousand keys with one alarm after a day, counted from the first request", async ({
  expect,
}) => {
  letTimePass(2 * KEEP_REPLY_MS);
  await runDurableObjectAlarm(table);
  const keys = Array.from({ length: 1000 }, () => crypto.randomUUID());
  for (const key of keys) {
    await table.begin(key, "a", freshIds());
    await table.finish(key, reply, null);
  }
  letTimePass(KEEP_REPLY_MS / 2);
  expect(await table.begin(keys[0] ?? "", "a", freshIds())).toMatchObject({ kind: "replay" });
  letTimePass(KEEP_REPLY_MS / 2);
  expect(await runDurableObjectAlarm(table)).toBe(true);
  const count = () =>
    runInDurableObject(table, (_, { storage }) =>
      storage.sql.exec("SELECT 1 FROM idempotency_keys").toArray(),
    );
  expect(await count()).toEqual([]);
  // Nothing is left to be woken for.
  expect(await runDurableObjectAlarm(table)).toBe(false);
});

it("forgets a key in time, also where the sweep is far behind", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  const many = Array.from({ length: 100 }, () => crypto.randomUUID());
  for (const other of [...many, key]) await table.begin(other, "a", freshIds());
  await table.finish(key, reply, null);
  letTimePass(KEEP_REPLY_MS);
  expect(await table.peek(key, "b", ids)).toEqual({ kind: "run", ids });
  expect(await table.begin(key, "b", ids)).toEqual({ kind: "run", ids });
  expect(await table.begin(key, "b", freshIds())).toMatchObject({ kind: "wait" });
});

it("tells without a trace what a request would have to do", async ({ expect }) => {
  const [key, ids] = [crypto.randomUUID(), freshIds()];
  for (const _ of [1, 2]) expect(await table.peek(key, "a", ids)).toEqual({ kind: "run", ids });
  await table.begin(key, "a", ids);
  expect(await table.peek(key, "a", freshIds())).toMatchObject({ kind: "wait" });
  await table.finish(key, reply, null);
  expect(await table.peek(key, "a", freshIds())).toEqual({ kind: "replay", reply });
  expect(await table.peek(key, "b", freshIds())).toEqual({ kind: "mismatch" });
});

it("keeps nothing for who finishes or fails after that day", async ({ expect }) => {
  const key = crypto.randomUUID();
  await table.finish(key, reply, null);
  await table.release(key);
  expect(await table.begin(key, "b", freshIds())).toMatchObject({ kind: "run" });
});
