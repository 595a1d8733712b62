import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { fileTask, unknownAssignee } from "../../../src/domain/records/file-task";
import { unknownChannels } from "../../../src/domain/notifications/channel-names";
import { DomainError } from "../../../src/domain/errors";
import { CreateTask } from "../../../src/domain/records/tasks";
import { Records } from "../../../src/runtime/record-context";
import { delivered, receive, stopAlarms, tasksTable } from "../../support/tasks";
import { BY_TOKEN } from "../../support/records";
import { fakeDns, freshEmail, restoreWorld, signUp } from "../../support/users";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const context = new Records(env, BY_TOKEN);

function bodyOf(fields: v.InferInput<typeof CreateTask> | object = {}): CreateTask {
  return v.parse(CreateTask, { title: "Call Ada", ...fields });
}

/** The refusal of a task that may not be filed under this id. */
async function refusalOf(fields: object, id: string): Promise<DomainError> {
  const thrown: unknown = await fileTask(bodyOf(fields), id, context).then(
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
    const first = await fileTask(bodyOf({ notify: ["hook"] }), id, context);
    const again = bodyOf({ notify: ["hook"], title: "Other" });
    expect(await fileTask(again, id, context)).toEqual(first);
    await delivered(id);
    const { notifications, ...task } = first;
    expect(JSON.parse((await tasksTable().read(id)) ?? "")).toMatchObject(task);
    expect(notifications).toMatchObject([{ id: `${id}.hook`, status: "pending" }]);
    expect(received).toHaveLength(1);
  });

  it("tells everything that is unknown at once, and keeps nothing", async ({ expect }) => {
    const id = crypto.randomUUID();
    const error = await refusalOf(
      {
        assignee_id: "0190f5ac-7a5c-7c3e-8a3a-0123456789ab",
        notify: ["nobody", "hook", "no-one"],
      },
      id,
    );
    expect(error.code).toBe("invalid-body");
    expect(error.options.errors?.map(({ pointer }) => pointer)).toEqual([
      "#/notify/0",
      "#/notify/2",
      "#/assignee_id",
    ]);
    expect(await tasksTable().read(id)).toBeNull();
  });

  it("takes a user as its assignee", async ({ expect }) => {
    fakeDns();
    const { id: assignee_id } = await signUp(freshEmail());
    const task = await fileTask(bodyOf({ assignee_id }), crypto.randomUUID(), context);
    expect(task.assignee_id).toBe(assignee_id);
  });
});

it("nobody as an assignee is nobody unknown, and costs no request", async ({ expect }) => {
  const missing = vi.fn(async () => []);
  const users = { ...context.users, missing };
  expect(await unknownAssignee(null, users)).toEqual([]);
  expect(await unknownAssignee(undefined, users)).toEqual([]);
  expect(missing).not.toHaveBeenCalled();
});

it("unknown channels are told by their place in the list", ({ expect }) => {
  const channels = new Map([["ops", { type: "ntfy" as const, isPublic: false }]]);
  const named = { channels, hasToken: true };
  expect(unknownChannels([], named)).toEqual([]);
  expect(unknownChannels(["ops", "ops"], named)).toEqual([]);
  expect(unknownChannels(["ops", "Ops", "constructor"], named)).toMatchObject([
    { pointer: "#/notify/1" },
    { pointer: "#/notify/2" },
  ]);
});

it("without a token a channel that is not public looks like one that there is not", ({
  expect,
}) => {
  const channels = new Map([
    ["open", { type: "ntfy" as const, isPublic: true }],
    ["ops", { type: "ntfy" as const, isPublic: false }],
  ]);
  const named = { channels, hasToken: false };
  expect(unknownChannels(["open"], named)).toEqual([]);
  const [hidden, missing] = unknownChannels(["ops", "nil"], named);
  expect(hidden?.detail.replace("ops", "nil")).toBe(missing?.detail);
});
