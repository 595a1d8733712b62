// KV as the side that everyone reads: pages cost one operation, and a cursor cannot be forged into a
// failure.
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, describe, it, vi } from "vitest";
import { CursorError, KvDirectory } from "../../src/storage/kv-directory";
import { kvPrototype, restoreWorld } from "../support/users";

interface Thing {
  readonly id: string;
  readonly body: string;
}

const things = new KvDirectory<Thing, { id: string }>(env.USERS, ({ id }) => ({ id }));

afterEach(async () => {
  restoreWorld();
  await reset();
});

async function fill(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `id-${String(n).padStart(4, "0")}`);
  await Promise.all(ids.map((id) => things.put({ id, body: `body of ${id}` })));
  return ids;
}

async function readAllPages(limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof things.page>> = await things.page(limit, cursor);
    pages.push(page.entries.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== null);
  return pages;
}

async function readEverything(): Promise<Thing[]> {
  const found: Thing[] = [];
  for await (const page of things.all()) found.push(...page);
  return found;
}

describe("a page", () => {
  it.for([1, 7, 100])(
    "of %i entries leaves no gap and doubles nothing",
    async (limit, { expect }) => {
      const ids = await fill(limit === 1 ? 5 : 210);
      const pages = await readAllPages(limit);
      expect(pages.flat()).toEqual(ids);
      expect(pages.every((page) => page.length <= limit)).toBe(true);
    },
  );

  it("costs one list operation and reads no record", async ({ expect }) => {
    await fill(20);
    const list = vi.spyOn(kvPrototype, "list");
    const get = vi.spyOn(kvPrototype, "get");
    await things.page(10, null);
    expect(list).toHaveBeenCalledTimes(1);
    expect(get).not.toHaveBeenCalled();
  });

  it("of nothing is empty and the last", async ({ expect }) => {
    expect(await things.page(10, null)).toEqual({ entries: [], cursor: null });
  });

  it("goes on where it was although records come and go", async ({ expect }) => {
    const ids = await fill(10);
    const first = await things.page(4, null);
    await things.delete(ids[1] ?? "");
    await things.delete(ids[5] ?? "");
    await things.put({ id: "id-0003-and-a-half", body: "" });
    await things.put({ id: "id-0000-before", body: "" });
    const { entries } = await things.page(100, first.cursor);
    expect(entries.map(({ id }) => id)).toEqual([
      "id-0003-and-a-half",
      "id-0004",
      "id-0006",
      "id-0007",
      "id-0008",
      "id-0009",
    ]);
  });

  it("has a cursor that fits a query string", async ({ expect }) => {
    await fill(2);
    const { cursor } = await things.page(1, null);
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  it.for(["x", "a", "AAAA", "____", "not-a-cursor", "x".repeat(2000), "8J-YgA"])(
    "is a list or a CursorError for the cursor %j, never another failure",
    async (cursor, { expect }) => {
      await fill(2);
      const outcome = await things.page(10, cursor).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CursorError);
      else expect(outcome).toMatchObject({ cursor: null });
    },
  );

  it("does not blame KV's failure on a caller without a cursor", async ({ expect }) => {
    vi.spyOn(kvPrototype, "list").mockRejectedValue(new Error("KV is down"));
    await expect(things.page(10, null)).rejects.toThrow("KV is down");
  });
});

describe("everything", () => {
  it("comes once and in order", async ({ expect }) => {
    const ids = await fill(230);
    const found = await readEverything();
    expect(found).toEqual(ids.map((id) => ({ id, body: `body of ${id}` })));
  });

  it("of nothing is nothing", async ({ expect }) => {
    expect(await readEverything()).toEqual([]);
  });

  it("leaves out what goes while it is read", async ({ expect }) => {
    await fill(3);
    const get = vi.spyOn(kvPrototype, "get");
    get.mockResolvedValueOnce(
      new Map([
        ["id-0000", { id: "id-0000", body: "" }],
        ["id-0001", null],
      ]),
    );
    expect(await readEverything()).toEqual([{ id: "id-0000", body: "" }]);
  });

  it("is read as slowly as it is taken", async ({ expect }) => {
    await fill(230);
    const list = vi.spyOn(kvPrototype, "list");
    for await (const page of things.all()) {
      expect(page).toHaveLength(100);
      break;
    }
    expect(list).toHaveBeenCalledTimes(1);
  });
});
