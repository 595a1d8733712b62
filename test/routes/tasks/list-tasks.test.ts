// GET /tasks: pages and filters, from what stands in the list itself.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { TaskSummary } from "../../../src/domain/records/tasks";
import { expectProblem } from "../../support/problem";
import { file, patchTask, receive } from "../../support/tasks";
import { fakeDns, freshEmail, kvPrototype, read, restoreWorld, signUp } from "../../support/users";

beforeEach(() => void receive());
afterEach(async () => {
  restoreWorld();
  await reset();
});

const TaskPage = v.strictObject({
  tasks: v.array(TaskSummary),
  next_cursor: v.nullable(v.string()),
});

async function pageOf(query: string) {
  const response = await read(`/tasks${query}`);
  if (response.status !== 200) throw new Error(await response.text());
  return { response, ...v.parse(TaskPage, await response.json()) };
}

/** All pages of a list, page by page. */
async function pagesOf(query: string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await pageOf(`${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    pages.push(page.tasks.map(({ title }) => title));
    cursor = page.next_cursor;
  }
  return pages;
}

async function titlesOf(query: string): Promise<string[]> {
  return (await pageOf(query)).tasks.map(({ title }) => title);
}

async function fileAll(fields: readonly Record<string, unknown>[]) {
  const filed = [];
  for (const [n, parts] of fields.entries())
    filed.push(await file({ title: `Task ${n}`, ...parts }));
  return filed;
}

describe("a list", () => {
  it("holds every task in order of filing, without what is long", async ({ expect }) => {
    const filed = await fileAll([{ description: "long", notify: ["hook"] }, {}, {}]);
    const page = await pageOf("");
    expect(page.tasks).toEqual(filed.map(({ description, notifications, ...summary }) => summary));
    expect(page.next_cursor).toBeNull();
    expect(page.response.headers.has("Link")).toBe(false);
  });

  it("costs one list operation a page and no reads", async ({ expect }) => {
    await fileAll([{}, {}, {}]);
    const [list, get] = [vi.spyOn(kvPrototype, "list"), vi.spyOn(kvPrototype, "get")];
    await pageOf("?limit=2");
    expect(list).toHaveBeenCalledTimes(1);
    expect(get).not.toHaveBeenCalled();
  });

  it("is empty without tasks", async ({ expect }) => {
    expect(await pageOf("?status=done")).toMatchObject({ tasks: [], next_cursor: null });
  });

  it("comes in pages that lead to each other", async ({ expect }) => {
    await fileAll(Array.from({ length: 7 }, () => ({})));
    const { response, next_cursor } = await pageOf("?limit=3&priority=medium");
    const [, url] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("Link") ?? "") ?? [];
    const { searchParams } = new URL(url ?? "");
    expect(searchParams.get("cursor")).toBe(next_cursor);
    expect(searchParams.get("priority")).toBe("medium");
    expect((await pagesOf("?limit=3")).map(({ length }) => length)).toEqual([3, 3, 1]);
    expect((await pagesOf("?limit=3")).flat()).toEqual(
      Array.from({ length: 7 }, (_, n) => `Task ${n}`),
    );
  });
});

describe("a filter", () => {
  it("is any of status, priority and assignee, or all of them", async ({ expect }) => {
    fakeDns();
    const [ada, eve] = [await signUp(freshEmail()), await signUp(freshEmail())];
    const [first] = await fileAll([
      { priority: "high", assignee_id: ada.id },
      { priority: "high", assignee_id: eve.id },
      { priority: "low", assignee_id: ada.id },
      { priority: "high", assignee_id: ada.id },
      {},
    ]);
    await patchTask(first?.id ?? "", { status: "in_progress" });
    expect(await titlesOf("?status=in_progress")).toEqual(["Task 0"]);
    expect(await titlesOf("?status=pending")).toHaveLength(4);
    expect(await titlesOf("?status=done")).toEqual([]);
    expect(await titlesOf("?priority=high")).toEqual(["Task 0", "Task 1", "Task 3"]);
    expect(await titlesOf(`?assignee_id=${ada.id}`)).toEqual(["Task 0", "Task 2", "Task 3"]);
    expect(await titlesOf(`?assignee_id=${ada.id.toUpperCase()}`)).toHaveLength(3);
    expect(await titlesOf(`?assignee_id=${ada.id}&priority=high&status=pending`)).toEqual([
      "Task 3",
    ]);
  });

  it("loses and repeats nothing over its pages", async ({ expect }) => {
    await fileAll(
      Array.from({ length: 12 }, (_, n) => ({ priority: n % 3 === 0 ? "low" : "high" })),
    );
    for (const limit of [1, 2, 3, 4, 5, 8, 100]) {
      const pages = await pagesOf(`?priority=high&limit=${limit}`);
      const wanted = [1, 2, 4, 5, 7, 8, 10, 11].map((n) => `Task ${n}`);
      expect(pages.flat(), `limit ${limit}`).toEqual(wanted);
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
    }
  });

  it("goes on where it stopped, however many tasks it must pass over", async ({ expect }) => {
    const wanted = [13, 19].map((n) => `Task ${n}`);
    await fileAll(
      Array.from({ length: 20 }, (_, n) =>
        wanted.includes(`Task ${n}`) ? { priority: "urgent" } : {},
      ),
    );
    // Every list operation sees two keys, as if there were thousands between those that are wanted.
    const list: KVNamespace["list"] = Reflect.get(kvPrototype, "list");
    const spy = vi
      .spyOn(kvPrototype, "list")
      .mockImplementation((options) => Reflect.apply(list, env.TASKS, [{ ...options, limit: 2 }]));
    const pages = await pagesOf("?priority=urgent&limit=1");
    expect(pages[0]).toEqual([]);
    expect(pages.flat()).toEqual(wanted);
    expect(spy.mock.calls.length).toBeLessThanOrEqual(13);
  });
});

describe("a query that cannot be read is refused:", () => {
  it.for([
    "?status=started",
    "?priority=asap",
    "?assignee_id=me",
    "?status=done&status=pending",
    "?limit=0",
    "?limit=101",
    "?limit=ten",
    "?cursor=forged",
    "?cursor=a%20b",
  ])("%s", async (query, { expect }) => {
    await expectProblem(expect, await read(`/tasks${query}`), "malformed-request");
  });
});
