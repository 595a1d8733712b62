import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { fileTask, unknownAssignee } from "../../../src/domain/records/file-task";
import { unknownChannels } from "../../../src/domain/notifications/channels";
import { DomainError } from "../../../src/domain/errors";
import type { CreateTask } from "../../../src/domain/records/tasks";
import { readConfig } from "../../../src/env";
import { delivered, receive, stopAlarms, tasks } from "../../support/tasks";
import { fakeDns, freshEmail, kvPrototype, restoreWorld, signUp } from "../../support/users";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const { config } = readConfig(env);
const BODY: CreateTask = {
  title: "Call Ada",
  description: null,
  priority: "medium",
  assignee_id: null,
  due_at: null,
  notify: [],
};

/** The refusal of a task that may not be filed. */
async function refusalOf(body: CreateTask): Promise<DomainError> {
  const thrown: unknown = await fileTask(body, crypto.randomUUID(), env, config).then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof DomainError) return thrown;
  throw new Error("Not refused");
}

describe("filing a task", () => {
  it("twice with one id makes one task and one message", async ({ expect }) => {
    const received = receive();
    const id = crypto.randomUUID();
    const body = { ...BODY, notify: ["hook"] };
    const first = await fileTask(body, id, env, config);
    expect(await fileTask({ ...body, title: "Other" }, id, env, config)).toEqual(first);
    await delivered(id);
    expect(await tasks.get(id)).toEqual(first);
    expect(received).toHaveLength(1);
  });

  it("tells everything that is unknown at once, and keeps nothing", async ({ expect }) => {
    const put = vi.spyOn(kvPrototype, "put");
    const error = await refusalOf({
      ...BODY,
      assignee_id: "0190f5ac-7a5c-7c3e-8a3a-0123456789ab",
      notify: ["nobody", "hook", "no-one"],
    });
    expect(error.code).toBe("invalid-body");
    expect(error.options.errors?.map(({ pointer }) => pointer)).toEqual([
      "#/notify/0",
      "#/notify/2",
      "#/assignee_id",
    ]);
    expect(put).not.toHaveBeenCalled();
  });

  it("takes a user as its assignee", async ({ expect }) => {
    fakeDns();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await fileTask({ ...BODY, assignee_id }, crypto.randomUUID(), env, config);
    expect(task.assignee_id).toBe(assignee_id);
  });
});

it("nobody as an assignee is nobody unknown, and costs no read", async ({ expect }) => {
  const get = vi.spyOn(kvPrototype, "get");
  expect(await unknownAssignee(null, env)).toEqual([]);
  expect(await unknownAssignee(undefined, env)).toEqual([]);
  expect(get).not.toHaveBeenCalled();
});

it("unknown channels are told by their place in the list", ({ expect }) => {
  const channels = new Map([["ops", {}]]);
  expect(unknownChannels([], channels)).toEqual([]);
  expect(unknownChannels(["ops", "ops"], channels)).toEqual([]);
  expect(unknownChannels(["ops", "Ops", "constructor"], channels)).toMatchObject([
    { pointer: "#/notify/1" },
    { pointer: "#/notify/2" },
  ]);
});
