import { afterEach, beforeEach, describe, it } from "vitest";
import { expectProblem } from "../../support/problem";
import { file, patchTask, readTask, receive, stopAlarms, taskOf } from "../../support/tasks";
import { fakeDns, freshEmail, restoreWorld, signUp } from "../../support/users";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const UNKNOWN_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";

describe("PATCH /tasks/<id>", () => {
  it("merges, and answers with the next version", async ({ expect }) => {
    fakeDns();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await file({ description: "By phone", due_at: "2026-05-01T12:00:00Z" });
    const response = await patchTask(task.id, { description: null, priority: "low", assignee_id });
    expect(response.headers.get("ETag")).toBe('"2"');
    const changed = await taskOf(response, 200);
    expect(changed).toEqual({
      ...task,
      description: null,
      priority: "low",
      assignee_id,
      updated_at: changed.updated_at,
      version: 2,
    });
    expect(await readTask(task.id)).toEqual(changed);
    const freed = await taskOf(await patchTask(task.id, { assignee_id: null, due_at: null }), 200);
    expect(freed).toMatchObject({ assignee_id: null, due_at: null, version: 3 });
  });

  it("merges the metadata and replaces reply_to", async ({ expect }) => {
    const { id } = await file({ metadata: { a: 1, b: { c: 2 } }, reply_to: "ada@example.com" });
    const body = { metadata: { a: null, b: { d: 3 } }, reply_to: "Bob@EXAMPLE.com" };
    expect(await taskOf(await patchTask(id, body), 200)).toMatchObject({
      metadata: { b: { c: 2, d: 3 } },
      reply_to: "Bob@example.com",
      version: 2,
    });
    const removed = await taskOf(await patchTask(id, { metadata: null, reply_to: null }), 200);
    expect(removed).toMatchObject({ metadata: {}, reply_to: null, version: 3 });
    const tooMuch = await patchTask(id, { metadata: { a: "x".repeat(4090) } });
    const { errors } = await expectProblem(expect, tooMuch, "invalid-body");
    expect(errors).toMatchObject([{ pointer: "#/metadata" }]);
    expect((await readTask(id)).version).toBe(3);
  });

  it("that changes nothing answers with the same version", async ({ expect }) => {
    const task = await file({ due_at: "2030-01-01T00:00:00Z", metadata: { a: 1 } });
    const same = { title: " Call Ada ", due_at: "2030-01-01T01:00:00+01:00", status: "pending" };
    for (const body of [{}, same, { metadata: { a: 1, b: null } }]) {
      const response = await patchTask(task.id, body);
      expect(response.headers.get("ETag")).toBe('"1"');
      expect(await taskOf(response, 200)).toEqual(task);
    }
  });

  it("takes both media types of a merge patch", async ({ expect }) => {
    const { id } = await file();
    const type = { "Content-Type": "application/merge-patch+json" };
    expect((await patchTask(id, { title: "New" }, type)).status).toBe(200);
    const other = { "Content-Type": "text/plain" };
    await expectProblem(expect, await patchTask(id, {}, other), "unsupported-media-type");
  });

  it("moves the status on, and only on", async ({ expect }) => {
    const { id } = await file();
    for (const [status, version] of [
      ["in_progress", 2],
      ["in_progress", 2],
      ["done", 3],
      ["done", 3],
    ] as const) {
      expect(await taskOf(await patchTask(id, { status }), 200)).toMatchObject({ status, version });
    }
    for (const status of ["pending", "in_progress", "cancelled"]) {
      const body = { status, title: "New" };
      const { detail } = await expectProblem(expect, await patchTask(id, body), "wrong-state");
      expect(detail).toBe(`A task that is done cannot become ${status}.`);
    }
    expect(await readTask(id)).toMatchObject({ status: "done", title: "Call Ada", version: 3 });
  });

  it("cannot skip the work", async ({ expect }) => {
    const { id } = await file();
    await expectProblem(expect, await patchTask(id, { status: "done" }), "wrong-state");
    expect(await taskOf(await patchTask(id, { status: "cancelled" }), 200)).toMatchObject({
      status: "cancelled",
    });
    await expectProblem(expect, await patchTask(id, { status: "pending" }), "wrong-state");
  });

  it("refuses what is not the caller's to change, all at once", async ({ expect }) => {
    const { id, version } = await file();
    const body = {
      id: "x",
      version: 9,
      created_at: "x",
      notifications: [],
      title: null,
      notify: [],
    };
    const { errors = [] } = await expectProblem(expect, await patchTask(id, body), "invalid-body");
    expect(new Set(errors.map(({ pointer }) => pointer))).toEqual(
      new Set(Object.keys(body).map((key) => `#/${key}`)),
    );
    expect((await readTask(id)).version).toBe(version);
  });

  it("refuses an assignee who is unknown", async ({ expect }) => {
    const { id } = await file();
    const response = await patchTask(id, { assignee_id: UNKNOWN_ID });
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([{ pointer: "#/assignee_id" }]);
  });

  it("does not know an id that nothing has", async ({ expect }) => {
    const response = await patchTask(crypto.randomUUID(), { title: "New" });
    await expectProblem(expect, response, "not-found");
  });
});

describe("changes at once", () => {
  it("thirty of them make thirty versions, none is lost", async ({ expect }) => {
    receive();
    const { id } = await file({ notify: ["hook"] });
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        patchTask(id, n % 2 === 0 ? { title: `Title ${n}` } : { description: `Description ${n}` }),
      ),
    );
    const changed = await Promise.all(responses.map((response) => taskOf(response, 200)));
    const versions = changed.map(({ version }) => version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 30 }, (_, n) => n + 2));
    const last = changed.find(({ version }) => version === 31);
    const { title, description } = await readTask(id);
    expect({ title, description }).toEqual({ title: last?.title, description: last?.description });
    // Fields that others changed are kept by each.
    expect(title).toMatch(/^Title \d+$/);
    expect(description).toMatch(/^Description \d+$/);
  });

  it("one of many goes through that know the same version", async ({ expect }) => {
    const { id } = await file();
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, n) => patchTask(id, { title: `${n}` }, { "If-Match": '"1"' })),
    );
    const refused = responses.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(9);
    for (const response of refused) await expectProblem(expect, response, "precondition-failed");
    expect((await readTask(id)).version).toBe(2);
  });

  it("are made on any version without If-Match, or with a star", async ({ expect }) => {
    const { id } = await file();
    expect((await patchTask(id, { title: "a" }, { "If-Match": "*" })).status).toBe(200);
    expect((await patchTask(id, { title: "b" }, { "If-Match": '"1", W/"2"' })).status).toBe(200);
    const response = await patchTask(id, { title: "c" }, { "If-Match": "2" });
    await expectProblem(expect, response, "malformed-request");
  });
});
