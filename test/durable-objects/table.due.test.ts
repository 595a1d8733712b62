// What the table of tasks does by itself when the time has come: task.due, and the end of retention.
import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it } from "vitest";
import { insertTasks, someTask } from "../support/records";
import { expectProblem } from "../support/problem";
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
} from "../support/tasks";
import { alarmOf } from "../support/jobs";
import { letTimePass, read, restoreWorld } from "../support/users";

subscribeAll({ hook: ["task.due", "task.deleted"] });
Reflect.set(env, "TASK_RETENTION_DAYS", "7");

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

/** Lets time pass, rings the table's alarm if that is due, and has deliveries made. */
async function pass(ms: number, id: string): Promise<void> {
  letTimePass(ms);
  const alarm = await alarmOf(tasksTable());
  if (alarm !== null && alarm <= Date.now()) await wakeTasks();
  await delivered(id);
}

describe("a task that is due", () => {
  it("is told of once, at the very time, to its subscribers and those it named", async ({
    expect,
  }) => {
    const received = receive();
    const { id, due_at } = await file({ due_at: inHours(2), notify: ["ntfy"] });
    await delivered(id);
    received.length = 0;
    await wakeTasks(); // To look after the commit.
    expect(await alarmOf(tasksTable())).toBe(Date.parse(due_at ?? ""));
    await pass(2 * HOUR_MS - 1, id);
    expect(received).toEqual([]);
    await pass(1, id);
    expect(typesFor(received)).toEqual(["task.due"]);
    expect(received.map(({ host }) => host).toSorted()).toEqual(["hook.example", "ntfy.example"]);
    const hook = received.find(({ host }) => host === "hook.example");
    expect(JSON.parse(hook?.body ?? "")).toMatchObject({ data: { id, due_at, version: 1 } });
    const { version, notifications } = await readTask(id);
    expect(version).toBe(1);
    expect(notifications.filter(({ event }) => event === "task.due")).toHaveLength(2);
    await evictDurableObject(tasksTable());
    await wakeTasks();
    await pass(30 * HOUR_MS, id);
    expect(received).toHaveLength(2);
  });

  it("is told of again when the date is moved", async ({ expect }) => {
    const received = receive();
    const { id } = await file({ due_at: inHours(1) });
    await pass(HOUR_MS, id);
    expect(typesFor(received)).toEqual(["task.due"]);
    await patchTask(id, { title: "Still to be done" });
    await pass(HOUR_MS, id);
    expect(received).toHaveLength(1);
    await patchTask(id, { due_at: inHours(5) });
    await pass(4 * HOUR_MS, id);
    expect(received).toHaveLength(1);
    await pass(HOUR_MS, id);
    expect(typesFor(received)).toEqual(["task.due", "task.due"]);
  });

  it("that was moved is told of at the new time alone", async ({ expect }) => {
    const received = receive();
    const { id } = await file({ due_at: inHours(1) });
    await patchTask(id, { due_at: inHours(3) });
    await pass(HOUR_MS, id);
    expect(received).toEqual([]);
    await pass(2 * HOUR_MS, id);
    expect(typesFor(received)).toEqual(["task.due"]);
  });

  it.for(["past", "done", "cancelled", "without a date"])(
    "is told of to nobody where it is %s",
    async (how, { expect }) => {
      const received = receive();
      const { id } = await file({ due_at: inHours(how === "past" ? -1 : 1) });
      if (how === "done") await patchTask(id, { status: "in_progress" });
      if (how === "done" || how === "cancelled") await patchTask(id, { status: how });
      if (how === "without a date") await patchTask(id, { due_at: null });
      await pass(2 * HOUR_MS, id);
      await wakeTasks();
      expect(received).toEqual([]);
    },
  );

  it("is one of a hundred and fifty that are due at once, all told of by a few alarms", async ({
    expect,
  }) => {
    const received = receive();
    const due = inHours(1);
    await insertTasks(
      Array.from({ length: 150 }, (_, n) => someTask(n, { due_at: due, remind_at: due })),
    );
    await file(); // Any write sets the alarm.
    for (let ring = 0; ring < 2; ring += 1) await wakeTasks();
    expect(await alarmOf(tasksTable())).toBe(Date.parse(due));
    letTimePass(HOUR_MS);
    for (let ring = 0; ring < 3; ring += 1) await wakeTasks();
    await expect.poll(() => received.length).toBe(150);
    expect(new Set(typesFor(received))).toEqual(new Set(["task.due"]));
    expect(await alarmOf(tasksTable())).toBeNull();
  });
});

describe("TASK_RETENTION_DAYS after its end", () => {
  it("a task is deleted, and told of; an unfinished one never is", async ({ expect }) => {
    const received = receive();
    const [open, done] = [await file(), await file()];
    await patchTask(done.id, { status: "cancelled" });
    letTimePass(2000); // What KV is behind is made up for.
    await wakeTasks();
    const at = await alarmOf(tasksTable());
    expect(at).toBeGreaterThanOrEqual(Date.now() + 7 * DAY_MS - 2000);
    expect(at).toBeLessThan(Date.now() + 7 * DAY_MS + HOUR_MS);

    letTimePass(7 * DAY_MS - 3000);
    await wakeTasks();
    expect((await readTask(done.id)).status).toBe("cancelled");
    letTimePass(HOUR_MS);
    await wakeTasks();
    await expectProblem(expect, await read(`/tasks/${done.id}`), "not-found");
    await expect.poll(() => typesFor(received)).toEqual(["task.deleted"]);
    expect(await env.TASKS.get(done.id)).toBeNull();

    letTimePass(400 * DAY_MS);
    await wakeTasks();
    expect(await readTask(open.id)).toMatchObject({ id: open.id });
  });
});
