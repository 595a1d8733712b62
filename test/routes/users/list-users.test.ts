// GET /users: pages without gaps, and exports that are whole.
import { reset } from "cloudflare:test";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { parseCsv } from "../../support/parse-csv";
import { User, UserSummary } from "../../../src/domain/records/users";
import { Table } from "../../../src/durable-objects/table";
import { expectProblem } from "../../support/problem";
import { insertUsers, someUser } from "../../support/records";
import { fakeDns, kvPrototype, patch, read, restoreWorld, signUp } from "../../support/users";
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

/** Users in the table, in order. */
async function insertMany(count: number, fields: Partial<User> = {}): Promise<User[]> {
  const users = Array.from({ length: count }, (_, n) =>
    someUser(n, { metadata: { n }, ...fields }),
  );
  await insertUsers(users);
  return users;
}

/** The rows of a CSV export by their columns. */
async function exportRows(query = ""): Promise<Record<string, string>[]> {
  const response = await read(`/users${query}`, { Accept: "text/csv" });
  const [columns = [], ...rows] = parseCsv(await response.text());
  return rows.map((row) => Object.fromEntries(row.map((cell, n) => [columns[n] ?? "", cell])));
}

async function exportLines(query = ""): Promise<User[]> {
  const response = await read(`/users${query}`, { Accept: "application/x-ndjson" });
  const lines = (await response.text()).split("\n").slice(0, -1);
  return lines.map((line) => v.parse(User, JSON.parse(line)));
}

async function pageOf(path: string) {
  const response = await read(path);
  const page = v.parse(UserPage, await response.json());
  return { ...page, link: response.headers.get("Link") };
}

const summaryOf = ({ metadata, ...summary }: User) => summary;
const idsOf = (users: readonly { id: string }[]) => users.map(({ id }) => id);

describe("pages", () => {
  it("show whoever signed up at once, the newest first, without metadata", async ({ expect }) => {
    const users: User[] = [];
    for (const n of [1, 2, 3]) {
      users.unshift(await signUp(`order-${n}@example.com`, { metadata: { secret: n } }));
      const { users: listed, next_cursor } = await pageOf("/users");
      expect(listed).toEqual(users.map(summaryOf));
      expect(next_cursor).toBeNull();
    }
    expect((await pageOf("/users?order=desc")).users).toEqual(users.map(summaryOf));
    expect((await pageOf("/users?order=asc")).users).toEqual(users.toReversed().map(summaryOf));
  });

  it("keep the order of sign-up when somebody changes", async ({ expect }) => {
    const [first, second] = [await signUp("a@example.com"), await signUp("b@example.com")];
    await patch(first.id, { name: "Grace" });
    const { users } = await pageOf("/users");
    expect(users).toMatchObject([{ id: second.id }, { id: first.id, name: "Grace", version: 2 }]);
  });

  it.for([
    [3, "?limit=3"],
    [50, ""],
    [100, "?limit=100&order=asc"],
  ] as const)(
    "of %i lead through everyone once, by cursor and by Link",
    async ([limit, query], { expect }) => {
      const users = await insertMany(limit === 3 ? 11 : 203);
      const found: string[] = [];
      let path: string | null = `/users${query}`;
      while (path !== null) {
        const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(path);
        found.push(...idsOf(page.users));
        const next = /^<(.+)>; rel="next"$/.exec(page.link ?? "")?.[1];
        expect(next === undefined).toBe(page.next_cursor === null);
        if (next !== undefined) {
          expect(page.users).toHaveLength(limit);
          expect(new URL(next).searchParams.get("cursor")).toBe(page.next_cursor);
        }
        path = next === undefined ? null : next.slice(ORIGIN.length);
      }
      const isAscending = query.includes("asc");
      expect(found).toEqual(idsOf(isAscending ? users : users.toReversed()));
    },
  );

  it("that are full at the very end have no next", async ({ expect }) => {
    await insertMany(6);
    const { next_cursor } = await pageOf("/users?limit=3");
    expect(next_cursor).not.toBeNull();
    expect(await pageOf(`/users?limit=3&cursor=${next_cursor}`)).toMatchObject({
      next_cursor: null,
      link: null,
    });
    expect(await pageOf("/users?limit=6")).toMatchObject({ next_cursor: null });
  });

  it("ask nothing of KV", async ({ expect }) => {
    await insertMany(20);
    await pageOf("/users");
    const spies = (["list", "get", "getWithMetadata"] as const).map((method) =>
      vi.spyOn(kvPrototype, method),
    );
    await pageOf("/users?limit=10");
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it.for([
    "limit=0",
    "limit=101",
    "limit=x",
    "limit=1&limit=2",
    "order=up",
    "order=asc&order=desc",
    "verdict=good",
    "verdict=risky,good",
    "verdict=risky,",
    "confirmed=1",
    "email=nobody",
    "q=ab",
    `q=${"x".repeat(201)}`,
    "created_after=today",
    "created_before=2026-02-30T00:00:00Z",
    "cursor=a%20b",
    "cursor=%00",
    "cursor=%F0%9F%98%80",
    `cursor=${"x".repeat(2001)}`,
  ])("refuse ?%s", async (query, { expect }) => {
    await expectProblem(expect, await read(`/users?${query}`), "malformed-request");
  });

  it.for(["x", "AAAA", "deadbeef", "_____", "bnVsbA", "0123456789ab-zz", "x".repeat(2000)])(
    "are a 400 for the forged cursor %s",
    async (cursor, { expect }) => {
      await insertMany(3);
      const response = await read(`/users?limit=1&cursor=${cursor}`);
      await expectProblem(expect, response, "malformed-request");
    },
  );

  it("go on where their cursor says, under the same filters and order alone", async ({
    expect,
  }) => {
    await insertMany(9);
    const filters = "verdict=deliverable&created_after=2025-01-01T00:00:00Z";
    const { next_cursor } = await pageOf(`/users?limit=2&${filters}`);
    const goOn = (query: string) => read(`/users?cursor=${next_cursor}&${query}`);
    for (const query of [`${filters}&limit=2`, `limit=5&order=desc&${filters}`]) {
      const page = v.parse(UserPage, await (await goOn(query)).json());
      expect(page.users[0]).toMatchObject({ name: "Person 6" });
    }
    for (const query of [
      "",
      "verdict=deliverable",
      `${filters}&order=asc`,
      `${filters}&confirmed=false`,
      filters.replace("2025", "2024"),
      `${filters}&q=person`,
    ]) {
      const { detail } = await expectProblem(expect, await goOn(query), "malformed-request");
      expect(detail).toContain("other filters or another order");
    }
  });
});

describe("exports", () => {
  it("stream thousands of users as NDJSON, whole, the newest first", async ({ expect }) => {
    const users = await insertMany(5050);
    const response = await read("/users?limit=5", { Accept: "application/x-ndjson" });
    expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
    await response.body?.cancel();
    expect(await exportLines()).toEqual(users.toReversed());
    expect(await exportLines("?order=asc")).toEqual(users);
  });

  it("stream thousands of users as CSV", async ({ expect }) => {
    const users = await insertMany(5050);
    const response = await read("/users", { Accept: "text/csv, application/json;q=0.5" });
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect((await response.text()).split("\r\n")).toHaveLength(5052);
    const rows = await exportRows("?order=asc");
    expect(idsOf(rows.map(({ id = "" }) => ({ id })))).toEqual(idsOf(users));
    expect(rows[7]).toEqual({
      id: users[7]?.id,
      name: "Person 7",
      email: "person-7@example.com",
      age: "",
      verdict: "deliverable",
      reason: "mail-server-found",
      suggestion: "",
      metadata: '{"n":7}',
      confirmed_at: "",
      created_at: users[7]?.created_at,
      updated_at: users[7]?.updated_at,
      version: "1",
    });
  });

  it("hold what the filters leave", async ({ expect }) => {
    const users = Array.from({ length: 30 }, (_, n) =>
      someUser(n, n % 3 === 0 ? { email_check: { verdict: "risky", reason: "likely-typo" } } : {}),
    );
    await insertUsers(users);
    const query = "?verdict=risky&created_after=2026-01-01T00:00:09Z&q=person&order=asc";
    const wanted = ["Person 12", "Person 15", "Person 18", "Person 21", "Person 24", "Person 27"];
    expect((await exportLines(query)).map(({ name }) => name)).toEqual(wanted);
    expect((await exportRows(query)).map(({ name }) => name)).toEqual(wanted);
  });

  it.for(["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "＝1"])(
    "give a spreadsheet no formula for the name %s",
    async (name, { expect }) => {
      await insertMany(1, { name });
      const [row] = await exportRows();
      expect(row?.["name"]).toBe(`'${name}`);
    },
  );

  it("survive names and metadata with quotes, commas and line ends", async ({ expect }) => {
    const name = 'Ada "the Countess", Lovelace; é 😀';
    const metadata = { text: 'a,b\r\n"c"' };
    await insertMany(1, { name, metadata });
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

  it("break off visibly where the table dies in the middle", async ({ expect }) => {
    await insertMany(5050);
    const page: Table["page"] = Reflect.get(Table.prototype, "page");
    let reads = 0;
    vi.spyOn(Table.prototype, "page").mockImplementation(function (this: Table, query) {
      reads += 1;
      if (reads > 1) throw new Error("The table died");
      return Reflect.apply(page, this, [query]);
    });
    const response = await read("/users", { Accept: "application/x-ndjson" });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(reads).toBe(2);
  });

  it("read no further than their reader does", async ({ expect }) => {
    await insertMany(15_050);
    const page = vi.spyOn(Table.prototype, "page");
    const response = await read("/users", { Accept: "application/x-ndjson" });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(page.mock.calls.length).toBeLessThan(4);
  });

  it("need a token", async ({ expect }) => {
    for (const Accept of ["text/csv", "application/x-ndjson", "application/json"]) {
      await expectProblem(expect, await send("/users", { headers: { Accept } }), "unauthorized");
    }
    expect((await send("/users", { method: "HEAD", headers: AUTHORIZATION })).status).toBe(200);
  });
});
