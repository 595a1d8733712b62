// GET /users: pages without gaps, and exports that are whole.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { parseCsv } from "../../../src/domain/operations/csv";
import { User, UserSummary } from "../../../src/domain/records/users";
import { usersIn } from "../../../src/storage/users";
import { expectProblem } from "../../support/problem";
import { userRecord } from "../../support/records";
import { fakeDns, kvPrototype, read, restoreWorld, signUp } from "../../support/users";
import { AUTHORIZATION, ORIGIN, send } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(async () => {
  restoreWorld();
  await reset();
});

const UserPage = v.strictObject({
  users: v.array(UserSummary),
  next_cursor: v.nullable(v.string()),
});

/** Users as their writers publish them, in order. */
async function publishMany(count: number, fields: Partial<User> = {}): Promise<User[]> {
  const users = Array.from({ length: count }, (_, n) => {
    const id = `0190f5ac-7a5c-7c3e-8a3a-${String(n).padStart(12, "0")}`;
    const record = userRecord(`person-${n}@example.com`, { id, name: `Person ${n}` });
    return { ...record.value, metadata: { n }, ...fields };
  });
  await Promise.all(users.map((user) => usersIn(env.USERS).put(user)));
  return users;
}

/** The rows of a CSV export by their columns. */
async function exportRows(): Promise<Record<string, string>[]> {
  const response = await read("/users", { Accept: "text/csv" });
  const [columns = [], ...rows] = parseCsv(await response.text());
  return rows.map((row) => Object.fromEntries(row.map((cell, n) => [columns[n] ?? "", cell])));
}

async function pageOf(path: string) {
  const response = await read(path);
  const page = v.parse(UserPage, await response.json());
  return { ...page, link: response.headers.get("Link") };
}

describe("pages", () => {
  it("show new users in order of sign-up, without their metadata", async ({ expect }) => {
    const users: User[] = [];
    for (const n of [1, 2, 3]) {
      users.push(await signUp(`order-${n}@example.com`, { metadata: { secret: n } }));
    }
    const { users: listed, next_cursor } = await pageOf("/users");
    expect(listed).toEqual(users.map(({ metadata, ...rest }) => rest));
    expect(next_cursor).toBeNull();
  });

  it.for([
    [3, "?limit=3"],
    [50, ""],
    [100, "?limit=100"],
  ] as const)(
    "of %i lead through everyone once, by cursor and by Link",
    async ([limit, query], { expect }) => {
      const users = await publishMany(limit === 3 ? 11 : 203);
      const found: string[] = [];
      let path: string | null = `/users${query}`;
      while (path !== null) {
        const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(path);
        expect(page.users.length).toBeLessThanOrEqual(limit);
        found.push(...page.users.map(({ id }) => id));
        const next = /^<(.+)>; rel="next"$/.exec(page.link ?? "")?.[1];
        expect(next === undefined).toBe(page.next_cursor === null);
        if (next !== undefined)
          expect(new URL(next).searchParams.get("cursor")).toBe(page.next_cursor);
        path = next === undefined ? null : next.slice(ORIGIN.length);
      }
      expect(found).toEqual(users.map(({ id }) => id));
    },
  );

  it("cost one KV list each, and no reads", async ({ expect }) => {
    await publishMany(20);
    const list = vi.spyOn(kvPrototype, "list");
    const get = vi.spyOn(kvPrototype, "get");
    await pageOf("/users?limit=10");
    expect(list).toHaveBeenCalledTimes(1);
    expect(get).not.toHaveBeenCalled();
  });

  it.for([
    "limit=0",
    "limit=101",
    "limit=x",
    "limit=1&limit=2",
    "cursor=a%20b",
    "cursor=%00",
    "cursor=%F0%9F%98%80",
    `cursor=${"x".repeat(2001)}`,
  ])("refuse ?%s", async (query, { expect }) => {
    await expectProblem(expect, await read(`/users?${query}`), "malformed-request");
  });

  it.for(["x", "AAAA", "deadbeef", "_____", "bnVsbA", "LTE", "e30", "x".repeat(2000)])(
    "are a page or a 400 for the forged cursor %s",
    async (cursor, { expect }) => {
      await publishMany(3);
      const response = await read(`/users?limit=1&cursor=${cursor}`);
      expect([200, 400]).toContain(response.status);
      if (response.status === 400) await expectProblem(expect, response, "malformed-request");
    },
  );

  it("say 400 for a cursor that KV refuses", async ({ expect }) => {
    vi.spyOn(kvPrototype, "list").mockRejectedValue(new Error("KV GET failed: 400 Invalid cursor"));
    await expectProblem(expect, await read("/users?cursor=abc"), "malformed-request");
    await expectProblem(expect, await read("/users"), "internal");
  });
});

describe("exports", () => {
  it(
    "stream more than a thousand users as NDJSON, whole",
    { timeout: 20_000 },
    async ({ expect }) => {
      const users = await publishMany(1050);
      const response = await read("/users?limit=5", { Accept: "application/x-ndjson" });
      expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
      const lines = (await response.text()).trimEnd().split("\n");
      expect(lines.map((line) => v.parse(User, JSON.parse(line)))).toEqual(users);
    },
  );

  it("stream more than a thousand users as CSV", { timeout: 20_000 }, async ({ expect }) => {
    const users = await publishMany(1050);
    const response = await read("/users", { Accept: "text/csv, application/json;q=0.5" });
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect((await response.text()).split("\r\n")).toHaveLength(1052);
    const rows = await exportRows();
    expect(rows.map(({ id }) => id)).toEqual(users.map(({ id }) => id));
    expect(rows[7]).toEqual({
      id: users[7]?.id,
      name: "Person 7",
      email: "person-7@example.com",
      age: "",
      verdict: "deliverable",
      reason: "mail-server-found",
      suggestion: "",
      metadata: '{"n":7}',
      created_at: users[7]?.created_at,
      updated_at: users[7]?.updated_at,
      version: "1",
    });
  });

  it.for(["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "＝1"])(
    "give a spreadsheet no formula for the name %s",
    async (name, { expect }) => {
      await publishMany(1, { name });
      const [row] = await exportRows();
      expect(row?.["name"]).toBe(`'${name}`);
    },
  );

  it("survive names and metadata with quotes, commas and line ends", async ({ expect }) => {
    const name = 'Ada "the Countess", Lovelace; é 😀';
    const metadata = { text: 'a,b\r\n"c"' };
    await publishMany(1, { name, metadata });
    const [row] = await exportRows();
    expect(row?.["name"]).toBe(name);
    expect(JSON.parse(row?.["metadata"] ?? "")).toEqual(metadata);
  });

  it("of nobody are empty", async ({ expect }) => {
    const csv = await read("/users", { Accept: "text/csv" });
    expect((await csv.text()).split("\r\n")).toHaveLength(2);
    const ndjson = await read("/users", { Accept: "application/x-ndjson" });
    expect([ndjson.status, await ndjson.text()]).toEqual([200, ""]);
    expect(await pageOf("/users")).toMatchObject({ users: [], next_cursor: null, link: null });
  });

  it("read no further than their reader does", async ({ expect }) => {
    await publishMany(350);
    const list = vi.spyOn(kvPrototype, "list");
    const response = await read("/users", { Accept: "application/x-ndjson" });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(list.mock.calls.length).toBeLessThan(4);
  });

  it("need a token", async ({ expect }) => {
    for (const Accept of ["text/csv", "application/x-ndjson", "application/json"]) {
      await expectProblem(expect, await send("/users", { headers: { Accept } }), "unauthorized");
    }
    expect((await send("/users", { method: "HEAD", headers: AUTHORIZATION })).status).toBe(200);
  });
});
