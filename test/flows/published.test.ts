// The copy in KV: every record under its id, as GET shows it, and no more writes than KV takes.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { simulate, type World } from "../simulator";
import { someUser } from "../support/records";
import { AUTHORIZATION, send } from "../support/worker";
import {
  call,
  create,
  createMany,
  KINDS,
  type Kind,
  list,
  onEachPlatform,
  onTheRealPlatform,
  shownIn,
  textIn,
  USERS,
} from "./platforms";

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** The value in KV under an id, parsed, or null. */
function published(world: World, { binding }: Kind, id: string) {
  const entry = world.kv.published(binding).get(id);
  const value: unknown = JSON.parse(String(entry?.value ?? null));
  return { value, metadata: entry?.metadata ?? null };
}

/** The longest that a record may be in a list. */
const LONGEST: Record<Kind["kind"], object> = {
  users: { name: '"'.repeat(200), email: `${"a".repeat(60)}@${"b.".repeat(90)}example.com` },
  tasks: { title: '"'.repeat(200), due_at: "2999-01-01T00:00:00Z", reply_to: "a@example.com" },
};

onEachPlatform((worldOfTest) => {
  describe.each(KINDS)("the copy of $kind", (kind) => {
    const { kind: path, field } = kind;

    it.for([
      { it: "short", fields: {} },
      { it: "long", fields: LONGEST[path] },
    ])("has a $it record as GET shows it, with its list entry", async ({ fields }, { expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind, { ...fields, metadata: { plan: "pro" } });
      await world.settled();
      const [entry] = await list(path);
      const value = await shownIn(await call("GET", `/${path}/${id}`), 200);
      expect(published(world, kind, id)).toEqual({ value, metadata: entry });
      expect(JSON.stringify(entry).length).toBeLessThanOrEqual(1024);
    });

    it("follows changes and the end of a record", async ({ expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      await call("PATCH", `/${path}/${id}`, { [field]: "Changed" });
      await world.elapse(2 * SECOND_MS);
      const value = await shownIn(await call("GET", `/${path}/${id}`), 200);
      expect(published(world, kind, id)).toMatchObject({ value, metadata: { version: 2 } });
      await call("DELETE", `/${path}/${id}`);
      await world.elapse(2 * SECOND_MS);
      expect(world.kv.published(kind.binding).size).toBe(0);
    });

    it("takes one write a second of a record, and the last one tells all", async ({ expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      for (let change = 1; change <= 50; change += 1) {
        await call("PATCH", `/${path}/${id}`, { [field]: `Change ${change}` });
        await world.elapse(SECOND_MS / 10);
      }
      await world.elapse(2 * SECOND_MS);
      expect(published(world, kind, id).value).toMatchObject({ version: 51, [field]: "Change 50" });
      expect(world.counts(kind.binding)).toMatchObject({ kvRefused: 0 });
      expect(world.counts(kind.binding).kvWrites).toBeLessThanOrEqual(7);
      expect(world.counts("TABLES").alarms).toBeLessThanOrEqual(7);
    });

    it("takes two writes of fifty changes at once", async ({ expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      await world.settled();
      const changes = Array.from({ length: 50 }, (_, at) =>
        call("PATCH", `/${path}/${id}`, { metadata: { [`field_${at}`]: at } }),
      );
      for (const response of await Promise.all(changes)) await textIn(response, 200);
      await world.elapse(2 * SECOND_MS);
      const value = await shownIn(await call("GET", `/${path}/${id}`), 200);
      expect(value.version).toBe(51);
      expect(published(world, kind, id).value).toEqual(value);
      expect(world.counts(kind.binding)).toMatchObject({ kvWrites: 2, kvRefused: 0 });
    });
  });
});

onTheRealPlatform((worldOfTest) => {
  describe.each(KINDS)("the copy of $kind", (kind) => {
    it("waits for a second where an object has forgotten when it wrote", async ({ expect }) => {
      const world = worldOfTest();
      const { id } = await create(kind);
      await world.settled();
      await world.objects.restart("TABLES", kind.kind);
      await call("PATCH", `/${kind.kind}/${id}`, { [kind.field]: "Changed" });
      await world.elapse(2 * SECOND_MS);
      expect(published(world, kind, id).value).toMatchObject({ version: 2 });
      expect(world.counts(kind.binding)).toMatchObject({ kvWrites: 2, kvRefused: 1 });
    });

    it("lacks new records that cannot be read, and no other", async ({ expect }) => {
      const world = worldOfTest();
      await list(kind.kind);
      const away = world.kv.fail({ how: "refused", times: Infinity });
      const ids = await createMany(kind, 4, 1);
      await world.settled();
      await runInDurableObject(env.TABLES.getByName(kind.kind), (_, { storage }) => {
        for (const [at, record] of ["{", "{}"].entries())
          storage.sql.exec(`UPDATE ${kind.kind} SET record = ? WHERE id = ?`, record, ids[at]);
      });
      away.end();
      await world.elapse(DAY_MS);
      expect([...world.kv.published(kind.binding).keys()]).toEqual(ids.slice(2));
      // Each is tried once an hour.
      expect(world.counts("TABLES").alarms).toBeLessThan(60);
    });

    it("is late alone while KV is away for hours", async ({ expect }) => {
      const world = worldOfTest();
      await create(kind);
      await world.settled();
      world.kv.fail({ how: "refused", times: Infinity, until: Date.now() + 6 * HOUR_MS });
      for (let made = 0; made < 20; made += 1) await create(kind);
      await world.settled();
      expect(await list(kind.kind)).toHaveLength(21);
      await world.elapse(6 * HOUR_MS);
      // One try a pause, and a pause of five minutes after the first few.
      expect(world.counts(kind.binding).kvRefused).toBeLessThan(100);
      expect(world.counts("TABLES").alarms).toBeLessThan(100);
      await world.elapse(HOUR_MS);
      expect(world.kv.published(kind.binding).size).toBe(21);
      expect(await world.nextAlarm("TABLES")).toBeNull();
    });

    it("says in one row until when it waits, and nothing is tried before", async ({ expect }) => {
      const world = worldOfTest();
      await create(kind);
      await world.settled();
      const away = world.kv.fail({ how: "refused", times: Infinity });
      await create(kind);
      await world.settled();
      await world.elapse(HOUR_MS);
      const pauses = await runInDurableObject(env.TABLES.getByName(kind.kind), (_, { storage }) =>
        storage.sql
          .exec<{ value: string }>("SELECT value FROM facts WHERE name = 'publishing'")
          .toArray(),
      );
      expect(pauses).toHaveLength(1);
      const until = Number(Reflect.get(Object(JSON.parse(pauses[0]?.value ?? "null")), "until"));
      expect(until).toBeGreaterThan(Date.now());
      expect(await world.nextAlarm("TABLES")).toBe(until);
      world.resetCounts();
      for (let made = 0; made < 10; made += 1) await create(kind);
      await world.elapse(until - Date.now() - 1);
      expect(world.counts(kind.binding)).toMatchObject({ kvRefused: 0, kvWrites: 0 });
      expect(world.counts("TABLES").alarms).toBe(0);
      away.end();
      await world.elapse(1);
      expect(world.kv.published(kind.binding).size).toBe(12);
    });
  });

  it(
    "takes 1,500 sign-ups on a day of 1,000 writes, and publishes the rest after 00:00 UTC",
    { timeout: 120_000 },
    async ({ expect }) => {
      const world = worldOfTest();
      const total = 1500;
      const ids = await createMany(USERS, total - 1);
      await world.settled();
      // Nothing follows from one more by now: what it costs is a sign-up itself.
      const before = world.counts("TABLES").rowsWritten;
      ids.push((await create(USERS)).id);
      await world.settled();
      const rowsOfOne = world.counts("TABLES").rowsWritten - before;
      expect(rowsOfOne).toBe(4);

      expect((await list("users", "", 100)).length).toBe(total);
      await shownIn(await call("GET", `/users/${ids.at(-1)}`), 200);
      const { size } = world.kv.published("USERS");
      expect(size).toBe(1000);
      await world.elapse(DAY_MS);
      const copy = world.kv.published("USERS");
      expect(ids.filter((id) => !copy.has(id))).toEqual([]);
      expect(world.counts("USERS").kvWrites).toBe(total);
      const { alarms, rowsWritten } = world.counts("TABLES");
      expect(alarms).toBeLessThan(100);
      expect(rowsWritten - total * rowsOfOne).toBeLessThan(5000);
      expect(world.counts("USERS").kvRefused).toBeLessThan(10);
    },
  );
});

it("does not get back what a table is filled with from it, while others wait for it", async ({
  expect,
}) => {
  const world = simulate({ perDay: { kvWrites: 2 } });
  try {
    const { id } = await create(USERS);
    await create(USERS);
    await world.elapse(HOUR_MS);
    const { id: waiting } = await create(USERS);
    await world.settled();
    await runInDurableObject(env.TABLES.getByName("users"), (_, { storage }) => {
      storage.sql.exec("DELETE FROM users WHERE id = ?", id);
    });
    expect((await call("POST", "/users/refill")).status).toBe(200);
    await shownIn(await call("GET", `/users/${id}`), 200);
    expect(world.kv.published("USERS").has(waiting)).toBe(false);
    await world.objects.restart("TABLES", "users");
    await world.elapse(DAY_MS);
    expect(world.kv.published("USERS").has(waiting)).toBe(true);
    expect(world.counts("USERS").kvWrites).toBe(3);
  } finally {
    await world.end();
  }
});

it("has what waited for it in the shares of several invocations", async ({ expect }) => {
  const world = simulate({ perDay: { kvWrites: Infinity } });
  try {
    await list("users");
    const away = world.kv.fail({ how: "refused", times: Infinity });
    const users = Array.from({ length: 1200 }, (_, n) => JSON.stringify(someUser(n)));
    const response = await send("/batch-process?operation=users&import=true", {
      method: "POST",
      headers: { ...AUTHORIZATION, "Content-Type": "application/x-ndjson" },
      body: users.join("\n"),
    });
    await textIn(response, 202);
    await world.settled();
    away.end();
    world.resetCounts();
    await world.elapse(HOUR_MS);
    expect(world.kv.published("USERS").size).toBe(users.length);
    expect(world.counts("USERS")).toMatchObject({ kvWrites: users.length, kvRefused: 0 });
    expect(world.counts("TABLES").alarms).toBeLessThan(10);
  } finally {
    await world.end();
  }
});
