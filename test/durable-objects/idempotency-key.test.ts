// The memory behind one Idempotency-Key, across concurrency, crashes and time.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, it } from "vitest";
import { KEEP_REPLY_MS, LEASE_MS } from "../../src/domain/records/idempotency";
import { letTimePass, restoreWorld } from "../support/users";

const reply = { status: 201, headers: { ETag: '"1"' }, content: '{"id":1}' };

afterEach(restoreWorld);

function freshKey() {
  return env.IDEMPOTENCY_KEYS.getByName(crypto.randomUUID());
}

function freshIds() {
  return { v4: crypto.randomUUID(), v7: crypto.randomUUID() };
}

it("lets one of fifty requests at once run, and the others wait", async ({ expect }) => {
  const key = freshKey();
  const turns = await Promise.all(Array.from({ length: 50 }, () => key.begin("a", freshIds())));
  expect(turns.filter(({ kind }) => kind === "run")).toHaveLength(1);
  expect(turns.filter(({ kind }) => kind === "wait")).toHaveLength(49);
});

it("replays the reply, after a crash as well", async ({ expect }) => {
  const key = freshKey();
  await key.begin("a", freshIds());
  await key.finish(reply);
  await evictDurableObject(key);
  expect(await key.begin("a", freshIds())).toEqual({ kind: "replay", reply });
  expect(await key.begin("b", freshIds())).toEqual({ kind: "mismatch" });
});

it("runs again under the same ids, at once, after a crash", async ({ expect }) => {
  const key = freshKey();
  const ids = freshIds();
  await key.begin("a", ids);
  await evictDurableObject(key);
  expect(await key.begin("a", freshIds())).toEqual({ kind: "run", ids });
  expect(await key.begin("a", freshIds())).toMatchObject({ kind: "wait" });
});

it("runs again under the same ids when the first request took too long", async ({ expect }) => {
  const key = freshKey();
  const ids = freshIds();
  await key.begin("a", ids);
  letTimePass(LEASE_MS - 5000);
  expect(await key.begin("a", freshIds())).toMatchObject({ kind: "wait" });
  letTimePass(5000);
  expect(await key.begin("a", freshIds())).toEqual({ kind: "run", ids });
});

it("is free for another request once the first is forgotten", async ({ expect }) => {
  const key = freshKey();
  await key.begin("a", freshIds());
  await key.forget();
  const ids = freshIds();
  expect(await key.begin("b", ids)).toEqual({ kind: "run", ids });
});

it("runs again at once when the first request failed without a reply", async ({ expect }) => {
  const key = freshKey();
  const ids = freshIds();
  await key.begin("a", ids);
  await key.release();
  expect(await key.begin("a", freshIds())).toEqual({ kind: "run", ids });
  expect(await key.begin("a", freshIds())).toMatchObject({ kind: "wait" });
});

it("forgets everything after a day, counted from the first request", async ({ expect }) => {
  const key = freshKey();
  await key.begin("a", freshIds());
  await key.finish(reply);
  letTimePass(KEEP_REPLY_MS);
  expect(await runDurableObjectAlarm(key)).toBe(true);
  expect(await key.begin("b", freshIds())).toMatchObject({ kind: "run" });
});

it("keeps nothing for who finishes or fails after that day", async ({ expect }) => {
  const key = freshKey();
  await key.finish(reply);
  await key.release();
  expect(await key.begin("b", freshIds())).toMatchObject({ kind: "run" });
});
