// Assignees: who may be one, and what happens to tasks of a deleted user.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Table } from "../../../src/durable-objects/table";
import { Records } from "../../../src/runtime/record-context";
import { expectProblem } from "../../support/problem";
import { BY_TOKEN, insertTasks, readPage, someTask } from "../../support/records";
import {
  delivered,
  file,
  patchTask,
  readTask,
  receive,
  stopAlarms,
  subscribeAll,
  tasksTable,
  typesFor,
  wakeTasks,
} from "../../support/tasks";
import {
  carriedOut,
  freshEmail,
  HAS_MAIL_SERVER,
  letTimePass,
  refuseKv,
  remove,
  restoreWorld,
  signUp,
} from "../../support/users";
import { post } from "../../support/worker";

subscribeAll({ hook: ["task.updated"] });

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

/** Answers DNS, and what is told. */
function receiveAll() {
  return receive(({ host }) =>
    host === "hook.example" ? new Response(null, { status: 204 }) : Response.json(HAS_MAIL_SERVER),
  );
}

const NO_SUCH_USER = [{ pointer: "#/assignee_id", detail: "There is no user with this id" }];

describe("an assignee", () => {
  it("may be whoever has just signed up, whatever KV knows of it", async ({ expect }) => {
    receiveAll();
    refuseKv();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file({ assignee_id: assignee_id.toUpperCase() });
    expect(task.assignee_id).toBe(assignee_id);
    const other = await signUp(freshEmail());
    const changed = await patchTask(task.id, { assignee_id: other.id });
    expect(await changed.json()).toMatchObject({ assignee_id: other.id });
    expect((await readPage(`/tasks?assignee_id=${other.id}`)).ids).toEqual([task.id]);
  });

  it("may be whoever has just signed up in a batch of tasks as well", async ({ expect }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    const items = [{ title: "For somebody", assignee_id }, { title: "For nobody" }];
    const wait = { Prefer: "wait=5" };
    const response = await post("/batch-process", { operation: "tasks", items }, wait);
    expect(await response.json()).toMatchObject({ status: "completed", succeeded: 2 });
    expect((await readPage(`/tasks?assignee_id=${assignee_id}`)).ids).toHaveLength(1);
  });

  it("is nobody who was deleted, from that moment on", async ({ expect }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file();
    await remove(assignee_id);
    const refusals = [
      await post("/tasks", { title: "x", assignee_id }),
      await patchTask(task.id, { assignee_id }),
    ];
    for (const response of refusals) {
      const { errors } = await expectProblem(expect, response, "invalid-body");
      expect(errors).toEqual(NO_SUCH_USER);
    }
    expect(await readTask(task.id)).toMatchObject({ assignee_id: null, version: 1 });
  });
});

describe("a user who is deleted", () => {
  it("is taken off all tasks, which is told of each", async ({ expect }) => {
    const received = receiveAll();
    const [ada, eve] = [await signUp(freshEmail()), await signUp(freshEmail())];
    const hers = [await file({ assignee_id: ada.id }), await file({ assignee_id: ada.id })];
    const other = await file({ assignee_id: eve.id });
    await patchTask(hers[1]?.id ?? "", { status: "cancelled" });
    await remove(ada.id);
    await carriedOut();
    await wakeTasks();
    const [first, second] = await Promise.all(hers.map(({ id }) => readTask(id)));
    expect(first).toMatchObject({ assignee_id: null, version: 2 });
    expect(second).toMatchObject({ assignee_id: null, version: 3, status: "cancelled" });
    expect(await readTask(other.id)).toMatchObject({ assignee_id: eve.id, version: 1 });
    expect((await readPage(`/tasks?assignee_id=${ada.id}`)).ids).toEqual([]);
    expect((await readPage("/tasks?assignee_id=none")).ids).toHaveLength(2);
    for (const { id } of hers) await delivered(id);
    expect(typesFor(received)).toEqual(Array(3).fill("task.updated"));
    expect(JSON.parse(received.at(-1)?.body ?? "")).toMatchObject({ data: { assignee_id: null } });
  });

  it("is taken off more tasks than one go takes", async ({ expect }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    await readPage("/tasks");
    await insertTasks(Array.from({ length: 250 }, (_, n) => someTask(n, { assignee_id })));
    await remove(assignee_id);
    await carriedOut();
    expect((await readPage(`/tasks?assignee_id=${assignee_id}`)).ids).toEqual([]);
    expect((await readPage("/tasks?assignee_id=none&limit=100")).ids).toHaveLength(100);
  });

  it("is taken off in the end although the table of tasks cannot be reached at first", async ({
    expect,
  }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file({ assignee_id });
    const unassign = vi.spyOn(Table.prototype, "unassign").mockRejectedValue(new Error("Down"));
    expect((await remove(assignee_id)).status).toBe(204);
    await carriedOut();
    expect(await readTask(task.id)).toMatchObject({ assignee_id });
    unassign.mockRestore();
    letTimePass(2000);
    await carriedOut();
    expect(await readTask(task.id)).toMatchObject({ assignee_id: null });
  });

  it("is given no task by a request that was on its way", async ({ expect }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file();
    // They were asked for before: the table of users knew the assignee.
    vi.spyOn(Table.prototype, "missing").mockResolvedValue([]);
    const context = new Records(env, BY_TOKEN);
    expect(await context.users.missing([assignee_id])).toEqual([]);
    await remove(assignee_id);
    await carriedOut();
    for (const response of [
      await post("/tasks", { title: "x", assignee_id }),
      await patchTask(task.id, { assignee_id }),
    ]) {
      const { errors } = await expectProblem(expect, response, "invalid-body");
      expect(errors).toEqual(NO_SUCH_USER);
    }
    expect(await readTask(task.id)).toMatchObject({ assignee_id: null, version: 1 });
  });

  it("is taken off a task that was given while the deletion was on its way", async ({ expect }) => {
    receiveAll();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file();
    const unassign = vi.spyOn(Table.prototype, "unassign").mockRejectedValue(new Error("Down"));
    await remove(assignee_id);
    await carriedOut();
    vi.spyOn(Table.prototype, "missing").mockResolvedValue([]);
    expect((await patchTask(task.id, { assignee_id })).status).toBe(200);
    unassign.mockRestore();
    letTimePass(2000);
    await carriedOut();
    expect(await readTask(task.id)).toMatchObject({ assignee_id: null, version: 3 });
    expect(await tasksTable().read(task.id)).not.toContain(assignee_id);
  });
});
