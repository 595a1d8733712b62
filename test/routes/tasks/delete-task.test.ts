import { afterEach, beforeEach, describe, it } from "vitest";
import { expectProblem } from "../../support/problem";
import { file, patchTask, removeTask, stopAlarms } from "../../support/tasks";
import { read, restoreWorld } from "../../support/users";

beforeEach(stopAlarms);
afterEach(restoreWorld);

describe("DELETE /tasks/<id>", () => {
  it("removes the task from everywhere", async ({ expect }) => {
    const { id } = await file();
    const response = await removeTask(id);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    await expectProblem(expect, await read(`/tasks/${id}`), "not-found");
    await expectProblem(expect, await patchTask(id, { title: "New" }), "not-found");
    await expectProblem(expect, await removeTask(id), "not-found");
    expect(await (await read("/tasks?limit=100")).text()).not.toContain(id);
  });

  it("removes the version that the caller knows, and no other", async ({ expect }) => {
    const { id } = await file();
    await patchTask(id, { title: "New" });
    const stale = await removeTask(id, { "If-Match": '"1"' });
    await expectProblem(expect, stale, "precondition-failed");
    expect((await removeTask(id, { "If-Match": '"2"' })).status).toBe(204);
  });

  it("removes once of many times at once", async ({ expect }) => {
    const { id } = await file();
    const responses = await Promise.all(Array.from({ length: 5 }, () => removeTask(id)));
    expect(responses.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 404)).toHaveLength(4);
  });
});
