// What a record writer tells of its changes: committed with them, told once each, whatever crashes.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { EMPTY_STATE, type Effect, type StoredRecord } from "../../src/domain/records/records";
import { createTask } from "../../src/domain/records/tasks";
import { Job } from "../../src/durable-objects/job";
import { recordWriter, taskWriterName } from "../../src/runtime/record-writers";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import {
  delivered,
  file,
  jobOfEvent,
  noticesOf,
  patchTask,
  readTask,
  receive,
  removeTask,
  stopAlarms,
  tasks,
  taskWriter,
  withSubscriptions,
} from "../support/tasks";
import {
  freshEmail,
  HAS_MAIL_SERVER,
  leaveState,
  patch as patchUser,
  refuseKv,
  restoreWorld,
  signUp,
  stateOf,
  wakeUpAfter,
  writerOf,
} from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const RETRY_MS = 1000;
const { HOOK_SECRET } = CHANNEL_SECRETS;

/** A new task's record and its writer, not yet created. */
function newTask() {
  const id = crypto.randomUUID();
  const body = {
    title: "Call Ada",
    description: null,
    priority: "medium",
    assignee_id: null,
  } as const;
  const value = createTask({ ...body, due_at: null, notify: [] }, { id, now: Date.now() });
  const record: StoredRecord = { kind: "task", value };
  return { id, record, writer: recordWriter(env, taskWriterName(id)), stub: taskWriter(id) };
}

/** Waits for every delivery that was started, also of deleted records. */
function types(received: ReturnType<typeof receive>): unknown[] {
  return received
    .filter(({ host }) => host === "hook.example")
    .map(({ body, headers }) => verifyWebhook(HOOK_SECRET, body, headers))
    .map((payload) => Reflect.get(Object(payload), "type"));
}

describe("a change and what is told of it", () => {
  it("are on disk together before anything is sent", async ({ expect }) => {
    const received = receive();
    const submit = vi.spyOn(Job.prototype, "submit").mockRejectedValue(new Error("Unreachable"));
    const { id, notifications } = await file({ notify: ["hook"] });
    const stub = taskWriter(id);
    await evictDurableObject(stub);
    const state = await stateOf(stub);
    const [notification] = notifications;
    expect(state?.record).toMatchObject({
      value: { id, notices: [{ id: notification?.id, channel: "hook", event: "task.created" }] },
    });
    expect(state?.effects).toMatchObject([
      { effect: { kind: "notify", deliveries: [{ id: notification?.id, channel: "hook" }] } },
    ]);
    expect(received).toEqual([]);

    submit.mockRestore();
    await wakeUpAfter(stub, RETRY_MS);
    await delivered(id);
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([
      `msg_${notification?.id}`,
    ]);
    expect((await stateOf(stub))?.effects).toEqual([]);
    expect((await readTask(id)).notifications).toMatchObject([{ status: "delivered" }]);
  });

  it("are kept while jobs cannot be reached, and told in the end, each once", async ({
    expect,
  }) => {
    const received = receive();
    const { id, stub, writer, record } = newTask();
    await withSubscriptions(stub, { hook: ["task.*"] });
    await writer.create(record);
    const submit = vi.spyOn(Job.prototype, "submit").mockRejectedValue(new Error("Unreachable"));
    for (let n = 0; n < 5; n += 1) {
      const change = { kind: "task", change: { title: `Title ${n}` } } as const;
      expect((await writer.update(id, change, null)).status).toBe("written");
    }
    await delivered(id);
    expect(types(received)).toEqual(["task.created"]);

    submit.mockRestore();
    await wakeUpAfter(stub, 100 * RETRY_MS);
    await delivered(id);
    expect(types(received).slice(1)).toEqual(Array(5).fill("task.updated"));
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(6);
  });

  it("are told although KV refuses the change", async ({ expect }) => {
    const received = receive();
    const { id, stub, writer, record } = newTask();
    const allow = refuseKv();
    await writer.create(record, ["hook"]);
    const effects = (await stateOf(stub))?.effects ?? [];
    expect(effects.map(({ effect }) => effect.kind)).toEqual(["publish"]);
    allow();
    await wakeUpAfter(stub, RETRY_MS);
    await delivered(id);
    expect(types(received)).toEqual(["task.created"]);
  });

  it("are told once although a crash repeats it", async ({ expect }) => {
    const received = receive();
    const { id, record, stub } = newTask();
    const [eventId, noticeId] = [crypto.randomUUID(), crypto.randomUUID()];
    const effect: Effect = {
      kind: "notify",
      id,
      event: {
        id: eventId,
        type: "task.created",
        timestamp: new Date().toISOString(),
        text: "Task created",
        data: { id },
      },
      deliveries: [{ id: noticeId, channel: "hook" }],
    };
    const pending = { key: 1, effect, attempts: 0, dueAt: Date.now() };
    for (let crash = 0; crash < 3; crash += 1) {
      await leaveState(stub, { ...EMPTY_STATE, record, effects: [pending], nextKey: 2 });
      await evictDurableObject(stub);
      await wakeUpAfter(stub, RETRY_MS);
      await jobOfEvent(eventId).run();
    }
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([`msg_${noticeId}`]);
  });

  it("are one task and one message when the same creation comes again", async ({ expect }) => {
    const received = receive();
    const { id, record, writer } = newTask();
    const first = await writer.create(record, ["hook"]);
    expect(await writer.create(record, ["hook"])).toEqual(first);
    await delivered(id);
    expect(types(received)).toEqual(["task.created"]);
    expect(await noticesOf(id)).toHaveLength(1);
  });
});

describe("channels that subscribe", () => {
  it("hear of each task's creation, changes and removal", async ({ expect }) => {
    const received = receive();
    const { id, record, writer, stub } = newTask();
    await withSubscriptions(stub, { hook: ["task.*"], rotating: ["task.deleted"] });
    await writer.create(record);
    await patchTask(id, { status: "in_progress" });
    expect((await readTask(id)).notifications).toMatchObject([
      { channel: "hook", event: "task.created" },
      { channel: "hook", event: "task.updated" },
    ]);
    await delivered(id);
    expect((await removeTask(id)).status).toBe(204);
    await expect
      .poll(() => types(received))
      .toEqual(["task.created", "task.updated", "task.deleted"]);
    const payloads = received.map(({ body }): unknown => JSON.parse(body));
    expect(payloads).toMatchObject([
      { data: { id, status: "pending", version: 1 } },
      { data: { id, status: "in_progress", version: 2 } },
      { data: { id, status: "in_progress", version: 2 } },
      { type: "task.deleted", data: { id } },
    ]);
    expect(payloads[0]).not.toHaveProperty("data.notices");
  });

  it("hear of changes; those that are only named for the creation do not", async ({ expect }) => {
    const received = receive();
    const { id } = await file({ notify: ["hook"] });
    await delivered(id);
    await patchTask(id, { title: "New" });
    await removeTask(id);
    expect((await stateOf(taskWriter(id)))?.effects).toEqual([]);
    expect(types(received)).toEqual(["task.created"]);
  });

  it("leave nothing behind in the writer of a removed task", async ({ expect }) => {
    const received = receive();
    const { id, record, writer, stub } = newTask();
    await withSubscriptions(stub, { hook: ["task.deleted"] });
    await writer.create(record);
    await removeTask(id);
    await expect.poll(() => types(received)).toEqual(["task.deleted"]);
    expect(await stateOf(stub)).toBeUndefined();
    expect(await tasks.get(id)).toBeNull();
  });

  it("hear of a sign-up, and of nothing else that happens to a user", async ({ expect }) => {
    const received = receive(({ host }) =>
      host === "hook.example"
        ? new Response(null, { status: 204 })
        : Response.json(HAS_MAIL_SERVER),
    );
    const email = freshEmail();
    await withSubscriptions(await writerOf(email), { hook: ["user.*"] });
    const user = await signUp(email, { metadata: { private: "yes" } });
    await expect.poll(() => types(received)).toEqual(["user.created"]);
    const { metadata, ...data } = user;
    const told = received.find(({ host }) => host === "hook.example");
    expect(JSON.parse(told?.body ?? "")).toMatchObject({ timestamp: user.created_at, data });
    expect(told?.body).not.toContain("private");
    await patchUser(user.id, { name: "Grace" });
    expect((await stateOf(await writerOf(email)))?.effects).toEqual([]);
    expect(types(received)).toEqual(["user.created"]);
  });
});

it("a writer that was only asked for an unknown task keeps nothing", async ({ expect }) => {
  const { id, stub, writer } = newTask();
  const change = { kind: "task", change: { title: "New" } } as const;
  expect(await writer.update(id, change, null)).toMatchObject({ code: "not-found" });
  expect(await writer.remove(id, null)).toMatchObject({ code: "not-found" });
  expect(await stateOf(stub)).toBeUndefined();
});

it("the log tells no secret and no content when a message cannot be started", async ({
  expect,
}) => {
  const lines: string[] = [];
  for (const level of ["log", "error", "warn", "info"] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void lines.push(line.join(" ")));
  }
  receive();
  vi.spyOn(Job.prototype, "submit").mockRejectedValue(new Error("Unreachable"));
  await file({ title: "private-title", notify: ["hook", "slack"] });
  const log = lines.join("\n");
  expect(log).toContain('"effect":"notify"');
  for (const secret of ["private-title", HOOK_SECRET, "not-to-be-told"])
    expect(log).not.toContain(secret);
});
