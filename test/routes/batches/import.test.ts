// An export of users or tasks is read in again: records come back as they were.
import { afterEach, beforeEach, describe, it } from "vitest";
import {
  fakeDns,
  freshEmail,
  patch,
  read,
  remove,
  restoreWorld,
  signUp,
} from "../../support/users";
import { file, patchTask, removeTask } from "../../support/tasks";
import { AUTHORIZATION, send } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

const NDJSON = { Accept: "application/x-ndjson" };

function importLines(
  operation: string,
  lines: string,
  headers: Record<string, string> = AUTHORIZATION,
) {
  return send(`/batch-process?operation=${operation}&import=true`, {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson", Prefer: "wait=10", ...headers },
    body: lines,
  });
}

async function resultsOf(
  response: Response,
): Promise<{ status: string; error?: { code: string } }[]> {
  const { results } = await response.json<{ results: [] }>();
  return results;
}

async function exportOf(path: string): Promise<string[]> {
  return (await (await read(path, NDJSON)).text()).trim().split("\n");
}

describe("an import of users", () => {
  it("brings back those of an export with their ids, times and versions", async ({ expect }) => {
    const [ada, eve] = [
      await signUp(freshEmail(), { metadata: { plan: "pro" } }),
      await signUp(freshEmail()),
    ];
    await patch(ada.id, { name: "Ada L." });
    const lines = await exportOf("/users?order=asc");
    await remove(ada.id);
    await remove(eve.id);
    const dns = fakeDns().mockClear();
    const results = await resultsOf(await importLines("users", lines.join("\n")));
    expect(results.map(({ status }) => status)).toEqual(lines.map(() => "succeeded"));
    expect(await exportOf("/users?order=asc")).toEqual(lines);
    expect(dns).not.toHaveBeenCalled();
  });

  it("leaves alone who is there, and whose address is taken", async ({ expect }) => {
    const user = await signUp(freshEmail());
    const [line = ""] = await exportOf(`/users?email=${encodeURIComponent(user.email)}`);
    const other = JSON.stringify({ ...JSON.parse(line), id: crypto.randomUUID() });
    const results = await resultsOf(await importLines("users", `${line}\n${other}`));
    expect(results.map(({ error }) => error?.code)).toEqual(["id-taken", "email-taken"]);
    expect(await exportOf(`/users?email=${encodeURIComponent(user.email)}`)).toEqual([line]);
  });

  it("is for holders of a token, and for lines that are users", async ({ expect }) => {
    expect((await importLines("users", "{}", {})).status).toBe(401);
    expect((await importLines("users", '{"name":"Ada"}')).status).toBe(422);
    expect((await importLines("uppercase", '"a"')).status).toBe(400);
  });
});

it("an import of tasks brings back those of an export", async ({ expect }) => {
  const task = await file({ description: "Now", metadata: { a: 1 }, reply_to: "ada@example.com" });
  await patchTask(task.id, { status: "in_progress" });
  const lines = await exportOf("/tasks?order=asc");
  for (const line of lines) await removeTask(JSON.parse(line).id);
  await importLines("tasks", lines.join("\n"));
  expect(await exportOf("/tasks?order=asc")).toEqual(lines);
});
