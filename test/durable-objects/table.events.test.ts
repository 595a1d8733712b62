// What the tables tell of their changes: committed with them, told once each and in order, whatever crashes.
import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Channel } from "../../src/durable-objects/channel";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import {
  delivered,
  file,
  idle,
  patchTask,
  readTask,
  receive,
  removeTask,
  stopAlarms,
  subscribeAll,
  tasksTable,
  typesFor,
  wakeTasks,
} from "../support/tasks";
import {
  carriedOut,
  freshEmail,
  HAS_MAIL_SERVER,
  letTimePass,
  patch,
  refuseKv,
  remove,
  restoreWorld,
  signUp,
  usersTable,
} from "../support/users";

subscribeAll({ hook: ["task.*", "user.*"], rotating: ["task.deleted"] });

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const RETRY_MS = 1000;

/** What a table has still to do, besides bringing KV up to date. */
function effectsOf(table: ReturnType<typeof tasksTable>): Promise<unknown[]> {
  return runInDurableObject(table, (_, { storage }) =>
    storage.sql
      .exec<{ effect: string }>("SELECT effect FROM effects ORDER BY key")
      .toArray()
      .map(({ effect }): unknown => JSON.parse(effect)),
  );
}

/** Answers DNS, and what is told. */
function receiveAll() {
  return receive(({ host }) =>
    host === "127.0.0.1" ? Response.json(HAS_MAIL_SERVER) : new Response(null, { status: 204 }),
  );
}

describe("a change and what is told of it", () => {
  it("are on disk together before anything is sent", async ({ expect }) => {
    const received = receive();
    const submit = vi
      .spyOn(Channel.prototype, "enqueue")
      .mockRejectedValue(new Error("Unreachable"));
    const { id, notifications } = await file();
    await evictDurableObject(tasksTable());
    const [notification] = notifications;
    expect((await readTask(id)).notifications).toEqual([
      { ...notification, channel: "hook", event: "task.created", status: "pending" },
    ]);
    expect(await effectsOf(tasksTable())).toMatchObject([
      { kind: "notify", event: { id: notification?.event_id }, channels: ["hook"] },
    ]);
    expect(received).toEqual([]);

    submit.mockRestore();
    letTimePass(RETRY_MS);
    await wakeTasks();
    await delivered(id);
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([notification?.event_id]);
    expect(await effectsOf(tasksTable())).toEqual([]);
    expect((await readTask(id)).notifications).toMatchObject([{ status: "delivered" }]);
  });

  it("are kept while channels cannot be reached, and told in the end, each once, in order", async ({
    expect,
  }) => {
    const received = receive();
    const submitted: string[] = [];
    const submit = vi
      .spyOn(Channel.prototype, "enqueue")
      .mockRejectedValue(new Error("Unreachable"));
    const { id } = await file({ title: "Title 0" });
    for (let n = 1; n <= 5; n += 1) {
      expect((await patchTask(id, { title: `Title ${n}` })).status).toBe(200);
      await evictDurableObject(tasksTable());
    }
    expect(received).toEqual([]);
    expect(await effectsOf(tasksTable())).toHaveLength(6);

    submit.mockRestore();
    const enqueue: Channel["enqueue"] = Reflect.get(Channel.prototype, "enqueue");
    vi.spyOn(Channel.prototype, "enqueue").mockImplementation(function (this: Channel, event) {
      submitted.push(String(event.data["title"]));
      return Reflect.apply(enqueue, this, [event]);
    });
    letTimePass(100 * RETRY_MS);
    await wakeTasks();
    await delivered(id);
    expect(submitted).toEqual([0, 1, 2, 3, 4, 5].map((n) => `Title ${n}`));
    expect(typesFor(received)).toEqual(["task.created", ...Array<string>(5).fill("task.updated")]);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(6);
  });

  it("hold up no other record that is told of", async ({ expect }) => {
    const received = receive();
    const submit = vi
      .spyOn(Channel.prototype, "enqueue")
      .mockRejectedValueOnce(new Error("Overloaded"));
    const stuck = await file({ title: "Stuck" });
    await wakeTasks();
    const next = await file({ title: "Next" });
    await wakeTasks();
    await delivered(next.id);
    expect(received.map(({ body }) => Reflect.get(Object(JSON.parse(body)), "data"))).toMatchObject(
      [{ title: "Next" }],
    );
    submit.mockRestore();
    letTimePass(RETRY_MS);
    await wakeTasks();
    await delivered(stuck.id);
    expect(received).toHaveLength(2);
  });

  it("are told although KV refuses the change", async ({ expect }) => {
    const received = receive();
    const allow = refuseKv();
    const { id } = await file();
    await wakeTasks();
    await delivered(id);
    expect(typesFor(received)).toEqual(["task.created"]);
    expect(await env.TASKS.get(id)).toBeNull();
    allow();
    letTimePass(RETRY_MS);
    await wakeTasks();
    expect(await env.TASKS.get(id)).not.toBeNull();
    expect(typesFor(received)).toEqual(["task.created"]);
  });

  it("are told once although crashes repeat it", async ({ expect }) => {
    const received = receive();
    const enqueue: Channel["enqueue"] = Reflect.get(Channel.prototype, "enqueue");
    // The channel has it, and the table never learns of that.
    const submit = vi.spyOn(Channel.prototype, "enqueue").mockImplementation(async function (
      this: Channel,
      event,
    ) {
      await Reflect.apply(enqueue, this, [event]);
      throw new Error("power cut");
    });
    const { id } = await file();
    for (let crash = 0; crash < 3; crash += 1) {
      await evictDurableObject(tasksTable());
      letTimePass(100 * RETRY_MS);
      await wakeTasks();
      await idle("hook");
    }
    expect(submit.mock.calls.length).toBeGreaterThan(3);
    submit.mockRestore();
    letTimePass(100 * RETRY_MS);
    await wakeTasks();
    await delivered(id);
    expect(typesFor(received)).toEqual(["task.created"]);
    expect(await effectsOf(tasksTable())).toEqual([]);
  });
});

describe("channels that subscribe", () => {
  it("hear of each task's creation, changes and removal", async ({ expect }) => {
    const received = receive();
    const { id } = await file();
    await patchTask(id, { status: "in_progress" });
    await patchTask(id, { status: "in_progress", title: " Call Ada " });
    await wakeTasks();
    expect((await readTask(id)).notifications).toMatchObject([
      { channel: "hook", event: "task.created" },
      { channel: "hook", event: "task.updated" },
    ]);
    await delivered(id);
    expect((await removeTask(id)).status).toBe(204);
    await wakeTasks();
    await expect
      .poll(() => typesFor(received))
      .toEqual(["task.created", "task.updated", "task.deleted"]);
    await expect.poll(() => received.length).toBe(4);
    const payloads = received
      .filter(({ host }) => host === "hook.example")
      .map(({ body }): unknown => JSON.parse(body));
    expect(payloads).toMatchObject([
      { data: { id, status: "pending", version: 1 } },
      { data: { id, status: "in_progress", version: 2 } },
      { data: { id, version: 3 } },
    ]);
    expect(payloads[1]).toMatchObject({ data: { changed: { status: "pending" } } });
    expect(Object.keys(Object(Reflect.get(Object(payloads[2]), "data")))).toEqual([
      "id",
      "version",
    ]);
    for (const field of ["notifications", "told", "origin", "notify", "remind_at"])
      expect(payloads[0]).not.toHaveProperty(`data.${field}`);
  });

  it("hear of what they subscribe to, those named for a task of its creation alone", async ({
    expect,
  }) => {
    const received = receive();
    const { id } = await file({ notify: ["ntfy"] });
    await wakeTasks();
    await delivered(id);
    await patchTask(id, { title: "New" });
    await wakeTasks();
    await delivered(id);
    expect(received.map(({ host }) => host).toSorted()).toEqual([
      "hook.example",
      "hook.example",
      "ntfy.example",
    ]);
  });

  it("hear of a user's sign-up, changes and end, the last without personal data", async ({
    expect,
  }) => {
    const received = receiveAll();
    const user = await signUp(freshEmail(), { name: "Ada" });
    await carriedOut();
    await expect.poll(() => typesFor(received)).toEqual(["user.created"]);
    const payloads = () =>
      received
        .filter(({ host }) => host === "hook.example")
        .map(({ body }): unknown => JSON.parse(body));
    expect(payloads()[0]).toMatchObject({ timestamp: user.created_at, data: user });
    await patch(user.id, { name: "Grace" });
    await carriedOut();
    await expect.poll(() => received.length).toBeGreaterThan(2);
    await idle("hook");
    await remove(user.id);
    await carriedOut();
    await expect
      .poll(() => typesFor(received))
      .toEqual(["user.created", "user.updated", "user.deleted"]);
    expect(payloads()[1]).toMatchObject({ data: { name: "Grace", changed: { name: "Ada" } } });
    expect(payloads()[2]).toMatchObject({ type: "user.deleted" });
    expect(Reflect.get(Object(payloads()[2]), "data")).toEqual({ id: user.id, version: 3 });
    expect(await effectsOf(usersTable())).toEqual([]);
  });
});

it("A removed record leaves no row but that it was there", async ({ expect }) => {
  receive();
  const { id } = await file({ title: "private-title" });
  await wakeTasks();
  await removeTask(id);
  letTimePass(RETRY_MS);
  await wakeTasks();
  const rows = await runInDurableObject(tasksTable(), (_, { storage }) => {
    const names = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .filter(({ name }) => !name.startsWith("_cf_"));
    return names.flatMap(({ name }) =>
      storage.sql
        .exec(`SELECT * FROM ${name}`)
        .toArray()
        .map((row) => JSON.stringify([name, row])),
    );
  });
  expect(rows.filter((row) => row.includes(id))).toMatchObject([
    expect.stringMatching(/^\["deleted"/),
  ]);
  expect(rows.join()).not.toContain("private-title");
  expect(await env.TASKS.get(id)).toBeNull();
});

it("The log tells no secret and no content when a message cannot be started", async ({
  expect,
}) => {
  const lines: string[] = [];
  for (const level of ["log", "error", "warn", "info"] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void lines.push(line.join(" ")));
  }
  receive();
  vi.spyOn(Channel.prototype, "enqueue").mockRejectedValue(new Error("Unreachable"));
  await file({ title: "private-title", notify: ["hook", "slack"] });
  await wakeTasks();
  const log = lines.join("\n");
  expect(log).toContain('"effect":"notify"');
  for (const secret of ["private-title", CHANNEL_SECRETS.HOOK_SECRET, "not-to-be-told"])
    expect(log).not.toContain(secret);
});

it("A record that cannot be read keeps no other from being told and published", async ({
  expect,
}) => {
  const received = receiveAll();
  const { id } = await signUp(freshEmail());
  await carriedOut();
  await runInDurableObject(usersTable(), (_, { storage }) => {
    storage.sql.exec("UPDATE users SET record = '{}' WHERE id = ?", id);
    storage.sql.exec("INSERT INTO publications (record_id, mark, due_at) VALUES (?, 0, 0)", id);
  });

  const other = await signUp(freshEmail());
  await carriedOut();
  await idle("hook");

  expect(await env.USERS.get(other.id, "json")).toEqual(other);
  expect(typesFor(received)).toEqual(["user.created", "user.created"]);
});
