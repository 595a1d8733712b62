// GET /tasks: pages and exports. What the filters leave: list-tasks.filters.test.ts.
import { reset } from "cloudflare:test";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { parseCsv } from "../../support/parse-csv";
import { TaskSummary } from "../../../src/domain/records/tasks";
import { expectProblem } from "../../support/problem";
import { insertTasks, someTask } from "../../support/records";
import { file, patchTask, receive, removeTask } from "../../support/tasks";
import { kvPrototype, read, restoreWorld } from "../../support/users";

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

const titles = (numbers: readonly number[]) => numbers.map((n) => `Task ${n}`);
const many = (count: number, fields: (n: number) => object = () => ({})) =>
  insertTasks(Array.from({ length: count }, (_, n) => someTask(n, fields(n))));

describe("a list", () => {
  it("holds every task at once, the newest first, without what is long", async ({ expect }) => {
    const filed = [];
    for (const fields of [{ description: "long", notify: ["hook"] }, { metadata: { a: 1 } }, {}])
      filed.unshift(await file(fields));
    const summaries = filed.map(
      ({ description, metadata, reply_to, notifications, ...summary }) => summary,
    );
    const page = await pageOf("");
    expect(page.tasks).toEqual(summaries);
    expect(page.next_cursor).toBeNull();
    expect(page.response.headers.has("Link")).toBe(false);
    expect((await pageOf("?order=asc")).tasks).toEqual(summaries.toReversed());
  });

  it("shows a change and a deletion at once", async ({ expect }) => {
    const [first, second] = [await file({ title: "First" }), await file({ title: "Second" })];
    await patchTask(first.id, { status: "in_progress" });
    await removeTask(second.id);
    expect((await pageOf("")).tasks).toMatchObject([
      { id: first.id, status: "in_progress", version: 2 },
    ]);
    expect((await pageOf("?status=pending")).tasks).toEqual([]);
  });

  it("asks nothing of KV", async ({ expect }) => {
    await many(3);
    await pageOf("");
    const spies = (["list", "get", "getWithMetadata"] as const).map((method) =>
      vi.spyOn(kvPrototype, method),
    );
    await pageOf("?limit=2&status=pending");
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it("is empty without tasks", async ({ expect }) => {
    expect(await pageOf("?status=done")).toMatchObject({ tasks: [], next_cursor: null });
  });

  it("comes in pages that lead to each other", async ({ expect }) => {
    await many(7);
    const { response, next_cursor } = await pageOf("?limit=3&priority=medium");
    const [, url] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("Link") ?? "") ?? [];
    const { searchParams } = new URL(url ?? "");
    expect(searchParams.get("cursor")).toBe(next_cursor);
    expect(searchParams.get("priority")).toBe("medium");
    const inPages = [titles([6, 5, 4]), titles([3, 2, 1]), titles([0])];
    expect(await pagesOf("?limit=3")).toEqual(inPages);
    expect(await pagesOf("?limit=3&order=asc")).toEqual([
      titles([0, 1, 2]),
      titles([3, 4, 5]),
      titles([6]),
    ]);
  });

  it("has no short pages but the last, whatever lies between", async ({ expect }) => {
    await many(200, (n) => ({ priority: n % 50 === 7 ? "urgent" : "low" }));
    for (const limit of [1, 3, 4]) {
      const pages = await pagesOf(`?priority=urgent&limit=${limit}`);
      expect(pages.flat()).toEqual(titles([157, 107, 57, 7]));
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
    }
  });
});

describe("an export", () => {
  const fields = (n: number) => ({
    description: n === 2 ? '"Line 1"\r\nline; 2' : null,
    status: n % 2 === 0 ? ("pending" as const) : ("done" as const),
    metadata: { n },
    reply_to: n === 2 ? "ada@example.com" : null,
  });

  it("as CSV has what the filters leave, whole", async ({ expect }) => {
    await many(5, fields);
    const response = await read("/tasks?status=pending&order=asc", { Accept: "text/csv" });
    expect(response.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    const [columns, ...rows] = parseCsv(await response.text());
    expect(columns).toEqual(
      [
        "id title description priority status assignee_id due_at metadata reply_to",
        "created_at updated_at version",
      ]
        .join(" ")
        .split(" "),
    );
    expect(rows.map(([, title]) => title)).toEqual(titles([0, 2, 4]));
    expect(rows[1]?.slice(1, 9)).toEqual([
      "Task 2",
      '"Line 1"\r\nline; 2',
      "medium",
      "pending",
      "",
      "",
      '{"n":2}',
      "ada@example.com",
    ]);
  });

  it("as NDJSON has each task as it is read, but for its notifications", async ({ expect }) => {
    await many(5050, fields);
    const response = await read("/tasks?status=pending", { Accept: "application/x-ndjson" });
    expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
    const lines = (await response.text()).split("\n").slice(0, -1);
    const exported = lines.map((line): unknown => JSON.parse(line));
    expect(exported).toHaveLength(2525);
    const { told, origin, notify, remind_at, ended_at, ...newest } = someTask(5048, fields(5048));
    expect(exported[0]).toEqual(newest);
  });
});

describe("a query that cannot be read is refused:", () => {
  it.for([
    "?status=started",
    "?status=done,started",
    "?priority=asap",
    "?assignee_id=me",
    "?assignee_id=none,",
    `?assignee_id=${Array(21).fill("none").join(",")}`,
    "?status=done&status=pending",
    "?due_before=2026-01-01",
    "?due_after=never",
    "?q=ab",
    "?order=newest",
    "?limit=0",
    "?limit=101",
    "?limit=ten",
    "?cursor=forged",
    "?cursor=a%20b",
  ])("%s", async (query, { expect }) => {
    await expectProblem(expect, await read(`/tasks${query}`), "malformed-request");
  });
});
