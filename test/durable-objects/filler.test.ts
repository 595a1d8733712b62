// A table that is filled from its copy in KV, where that is more than one invocation can read.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, it, vi } from "vitest";
import { kvPrototype } from "../support/users";
import { AUTHORIZATION, send } from "../support/worker";
import left from "../fixtures/version-0-1.json";

/** More than the 200 pages of a hundred that one invocation reads. */
const USERS = 20_150;

afterEach(() => vi.restoreAllMocks());

function idOf(n: number): string {
  return `01a220d7-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

function userOf(id: string) {
  return { ...left.shown.users.plain, id, email: `${id}@many.example` };
}

/** KV with so many users. Its cursor is the number of the next. */
function fakeCopy(count: number) {
  const list = vi.spyOn(kvPrototype, "list").mockImplementation(async (options) => {
    const from = Number(options?.cursor ?? 0);
    const to = Math.min(count, from + (options?.limit ?? 1000));
    const keys = Array.from({ length: to - from }, (_, n) => ({ name: idOf(from + n) }));
    return to === count
      ? { keys, list_complete: true, cacheStatus: null }
      : { keys, list_complete: false, cursor: String(to), cacheStatus: null };
  });
  const get: (names: unknown) => Promise<unknown> = async (names) =>
    new Map((names as string[]).map((name) => [name, userOf(name)]));
  vi.spyOn(kvPrototype, "get").mockImplementation(get as KVNamespace["get"]);
  return list;
}

function read(path: string): Promise<Response> {
  return send(path, { headers: AUTHORIZATION });
}

it("tells callers to come back until all is there, and then has all", async ({ expect }) => {
  const list = fakeCopy(USERS);

  for (const path of [`/users/${idOf(0)}`, `/users/${idOf(USERS - 1)}`]) {
    list.mockRejectedValueOnce(new Error("KV GET failed: 503 Service Unavailable"));
    const refused = await read(path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("5");
  }
  const partly = await read(`/users/${idOf(0)}`);
  expect(partly.status).toBe(503);
  expect(partly.headers.get("Retry-After")).toBe("5");

  expect(await runDurableObjectAlarm(env.TABLES.getByName("users"))).toBe(true);

  for (const id of [idOf(0), idOf(USERS - 1)]) {
    const found = await read(`/users/${id}`);
    expect(await found.json()).toEqual({ ...userOf(id), confirmed_at: null });
  }
  const lines = (
    await (
      await send("/users", {
        headers: { ...AUTHORIZATION, Accept: "application/x-ndjson" },
      })
    ).text()
  )
    .trimEnd()
    .split("\n");
  expect(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size).toBe(USERS);
});

it("tells callers to come back tomorrow once the reads of a day are spent", async ({ expect }) => {
  vi.spyOn(kvPrototype, "list").mockRejectedValue(
    new Error("KV list() limit exceeded for the day."),
  );
  const refused = await read("/tasks");
  expect(refused.status).toBe(503);
  const seconds = Number(refused.headers.get("Retry-After"));
  expect(new Date(Date.now() + seconds * 1000).getUTCHours()).toBe(0);
});
