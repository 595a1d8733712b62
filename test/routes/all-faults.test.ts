// All faults of a body at once, also those that no schema knows: names that this deployment has not.
import { describe, expect, it } from "vitest";
import { expectProblem } from "../support/problem";
import { AUTHORIZATION, post } from "../support/worker";

const NOBODY = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";

async function pointersOf(path: string, body: unknown, vars = {}): Promise<string[]> {
  const { errors = [] } = await expectProblem(
    expect,
    await post(path, body, AUTHORIZATION, vars),
    "invalid-body",
  );
  return errors.map(({ pointer }) => pointer).sort();
}

describe("A body is told all its faults at once", () => {
  it.for<[path: string, body: unknown, pointers: string[]]>([
    [
      "/tasks",
      { title: "", priority: "x", due_at: "x", assignee_id: NOBODY, notify: ["hook", "nope"] },
      ["#/assignee_id", "#/due_at", "#/notify/1", "#/priority", "#/title"],
    ],
    [
      "/external-api",
      {
        policy: "race",
        requests: [
          { upstream: "nope", path: "/" },
          { url: "https://a.example", retries: 99 },
        ],
      },
      ["#/policy", "#/requests/0/upstream", "#/requests/1/retries"],
    ],
    ["/external-api", { policy: "race" }, ["#", "#/policy"]],
    ["/process-data", {}, ["#", "#/items"]],
    [
      "/batch-process",
      { operation: "users", items: [{ name: "" }], options: { concurrency: 0 }, notify: ["nope"] },
      ["#/items/0/email", "#/items/0/name", "#/notify/0", "#/options/concurrency"],
    ],
    [
      "/batch-process",
      {
        operation: "tasks",
        items: [
          { title: "x", notify: ["nope"] },
          { title: "" },
          { title: "x", assignee_id: NOBODY },
        ],
        notify: ["nope"],
      },
      ["#/items/0/notify/0", "#/items/1/title", "#/items/2/assignee_id", "#/notify/0"],
    ],
  ])("%s %j", async ([path, body, pointers]) => {
    expect(await pointersOf(path, body)).toEqual(pointers);
  });
});
