// POST /tasks: what is filed, what is refused, and that nobody waits for a receiver.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { expectProblem } from "../../support/problem";
import {
  delivered,
  file,
  patchTask,
  readNotification,
  readTask,
  receive,
  removeTask,
  stopAlarms,
  taskOf,
} from "../../support/tasks";
import { fakeDns, freshEmail, kvPrototype, read, restoreWorld, signUp } from "../../support/users";
import { waitFor } from "../../support/wait-for";
import { post } from "../../support/worker";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const UNKNOWN_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";

describe("a filed task", () => {
  it("is answered with the task, where it is, and its version", async ({ expect }) => {
    fakeDns();
    const { id: assignee_id } = await signUp(freshEmail());
    const body = {
      title: " Call Ada ",
      description: "By phone",
      priority: "urgent",
      assignee_id,
      metadata: { form: "contact", answers: [1, 2] },
      reply_to: "ada@example.com",
    };
    const response = await post("/tasks", { ...body, due_at: "2026-05-01T12:00:00+02:00" });
    const task = await taskOf(response, 201);
    expect(task).toEqual({
      ...body,
      title: "Call Ada",
      due_at: "2026-05-01T10:00:00.000Z",
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      status: "pending",
      created_at: task.updated_at,
      updated_at: task.created_at,
      version: 1,
      notifications: [],
    });
    expect(response.headers.get("Location")).toBe(`/tasks/${task.id}`);
    expect(response.headers.get("ETag")).toBe('"1"');
    expect(response.headers.get("Server-Timing")).toMatch(/^total;dur=\d/);
    expect(await readTask(task.id)).toEqual(task);
  });

  it("needs a title only", async ({ expect }) => {
    expect(await file({ title: "Call Ada" })).toMatchObject({
      description: null,
      priority: "medium",
      assignee_id: null,
      due_at: null,
      metadata: {},
      reply_to: null,
    });
  });

  it("costs one KV write and nothing else of KV", async ({ expect }) => {
    const [put, get, list] = (["put", "get", "list"] as const).map((method) =>
      vi.spyOn(kvPrototype, method),
    );
    await file();
    vi.clearAllMocks();
    await file();
    expect(put).toHaveBeenCalledTimes(1);
    for (const spy of [get, list]) expect(spy).not.toHaveBeenCalled();
  });

  it("has all its faults told at once", async ({ expect }) => {
    const body = {
      title: "a\r\nBcc: x",
      description: 7,
      priority: "asap",
      assignee_id: "me",
      due_at: "2026-02-30T00:00:00Z",
      notify: ["https://attacker.example"],
      metadata: [],
      reply_to: "nobody",
      status: "done",
    };
    const { errors = [] } = await expectProblem(expect, await post("/tasks", body), "invalid-body");
    const pointers = new Set(errors.map(({ pointer }) => pointer));
    expect(pointers).toEqual(
      new Set([
        ...[
          "title",
          "description",
          "priority",
          "assignee_id",
          "due_at",
          "metadata",
          "reply_to",
          "status",
        ].map((name) => `#/${name}`),
        "#/notify/0",
      ]),
    );
  });

  it("has an assignee and channels that are known", async ({ expect }) => {
    const body = { title: "x", assignee_id: UNKNOWN_ID, notify: ["hook", "nobody"] };
    const { errors } = await expectProblem(expect, await post("/tasks", body), "invalid-body");
    expect(errors).toEqual([
      { pointer: "#/notify/1", detail: 'There is no channel "nobody" for you' },
      { pointer: "#/assignee_id", detail: "There is no user with this id" },
    ]);
  });

  it("is filed once under one Idempotency-Key, and told once", async ({ expect }) => {
    const received = receive();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const body = { title: "Call Ada", notify: ["hook"] };
    const first = await post("/tasks", body, key);
    const second = await post("/tasks", body, key);
    expect(second.headers.get("Idempotency-Replayed")).toBe("true");
    expect(second.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(second.headers.get("ETag")).toBe('"1"');
    const [task, again] = [await taskOf(first, 201), await taskOf(second, 201)];
    expect(again).toEqual(task);
    await delivered(task.id);
    expect(received).toHaveLength(1);
    const other = await post("/tasks", { ...body, title: "Other" }, key);
    await expectProblem(expect, other, "idempotency-mismatch");
  });
});

describe("those who are named", () => {
  it("are told, and the reply says that this is still to come", async ({ expect }) => {
    const received = receive();
    const task = await file({ notify: ["hook", "slack", "hook"] });
    const pending = {
      event_id: task.id,
      record_id: task.id,
      event: "task.created",
      status: "pending",
      attempts: 0,
      last_attempt_at: null,
      next_attempt_at: null,
      http_status: null,
      error: null,
    };
    expect(task.notifications).toEqual([
      { id: expect.any(String), channel: "hook", ...pending },
      { id: expect.any(String), channel: "slack", ...pending },
    ]);
    await delivered(task.id);
    expect(received).toHaveLength(2);
    const { notifications } = await readTask(task.id);
    expect(notifications.map(({ id }) => id)).toEqual(task.notifications.map(({ id }) => id));
    for (const notification of notifications) {
      expect(notification).toMatchObject({ status: "delivered", attempts: 1, http_status: 204 });
    }
  });

  it("hold up neither the reply nor any later change by their silence", async ({ expect }) => {
    const hung = Promise.withResolvers<Response>();
    const received = receive(() => hung.promise);
    const { id } = await file({ notify: ["hook"] });
    await waitFor(() => expect(received).toHaveLength(1));
    await taskOf(await patchTask(id, { title: "New" }), 200);
    expect(await readNotification(id)).toMatchObject({ status: "pending", attempts: 0 });
    expect((await removeTask(id)).status).toBe(204);
    hung.resolve(new Response(null, { status: 204 }));
    await delivered(id);
  });

  it("do not learn what the reply hides, nor does the caller learn what they answer", async ({
    expect,
  }) => {
    receive(({ url }) => new Response(`No route ${url} ${"x".repeat(5000)}`, { status: 404 }));
    const { id } = await file({ notify: ["ntfy", "discord"] });
    await delivered(id);
    const text = await (await read(`/tasks/${id}`)).text();
    expect(text).toContain("The receiver answered 404: No route");
    expect(text).not.toContain("not-to-be-told");
    expect(text).not.toContain("x".repeat(201));
  });
});
