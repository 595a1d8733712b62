import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Channel } from "../../../src/durable-objects/channel";
import { expectProblem } from "../../support/problem";
import {
  delivered,
  file,
  patchTask,
  readTask,
  receive,
  stopAlarms,
  taskOf,
} from "../../support/tasks";
import { read, restoreWorld } from "../../support/users";
import { AUTHORIZATION, send } from "../../support/worker";

beforeEach(stopAlarms);
afterEach(restoreWorld);

describe("GET /tasks/<id>", () => {
  it("shows the task as it was filed", async ({ expect }) => {
    const task = await file({ description: "By phone" });
    const response = await read(`/tasks/${task.id}`);
    expect(response.headers.get("ETag")).toBe('"1"');
    expect(await taskOf(response, 200)).toEqual(task);
    expect(await readTask(task.id.toUpperCase())).toEqual(task);
  });

  it("is live: no 304 hides a delivery", async ({ expect }) => {
    receive();
    const { id } = await file({ notify: ["hook"] });
    await delivered(id);
    const response = await read(`/tasks/${id}`, { "If-None-Match": '"1"' });
    expect((await taskOf(response, 200)).notifications).toMatchObject([{ status: "delivered" }]);
  });

  it("has another ETag for each state of its notifications, good for If-Match", async ({
    expect,
  }) => {
    receive();
    const { id } = await file({ notify: ["hook"] });
    await delivered(id);
    const tag = (await read(`/tasks/${id}`)).headers.get("ETag") ?? "";
    expect(tag).toMatch(/^"1-[0-9a-f]{16}"$/);
    const again = await read(`/tasks/${id}`, { "If-None-Match": tag });
    expect([again.status, again.headers.get("ETag"), await again.text()]).toEqual([304, tag, ""]);
    await taskOf(await patchTask(id, { title: "New" }, { "If-Match": tag }), 200);
    const stale = await patchTask(id, { title: "Newer" }, { "If-Match": tag });
    await expectProblem(expect, stale, "precondition-failed");
  });

  it("does not know an id that nothing has, or that is none", async ({ expect }) => {
    for (const id of [crypto.randomUUID(), "nothing"]) {
      await expectProblem(expect, await read(`/tasks/${id}`), "not-found");
    }
  });

  it("answers HEAD without a body", async ({ expect }) => {
    const { id } = await file();
    const response = await send(`/tasks/${id}`, { method: "HEAD", headers: AUTHORIZATION });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe('"1"');
    expect(await response.text()).toBe("");
  });

  it("shows what was not handed to its channels yet as pending", async ({ expect }) => {
    receive();
    vi.spyOn(Channel.prototype, "enqueue").mockRejectedValue(new Error("Overloaded"));
    const { id, notifications } = await file({ notify: ["hook"] });
    expect(notifications).toMatchObject([{ channel: "hook", status: "pending" }]);
    expect(await readTask(id)).toMatchObject({ id, notifications });
  });
});
