// Lists of a large table: a page of any filter reads few rows, and a walk finds all.
import { afterAll, beforeAll, describe, it } from "vitest";
import * as v from "valibot";
import { MAX_SCANNED_ROWS } from "../../src/storage/record-table";
import type { World } from "../simulator";
import { FIRST_DUE_AT, idOf, MINUTE_MS } from "../support/many-rows";
import { simulateLarge, TASK_COUNT } from "./many-records";
import { call, textIn } from "./platforms";

let world: World;
beforeAll(async () => {
  world = await simulateLarge("tasks");
});
afterAll(() => world.end());

const Page = v.object({
  tasks: v.array(
    v.looseObject({
      id: v.string(),
      status: v.string(),
      priority: v.string(),
      assignee_id: v.nullable(v.string()),
      due_at: v.string(),
    }),
  ),
  next_cursor: v.nullable(v.string()),
});
type Page = v.InferOutput<typeof Page>;
type Listed = Page["tasks"][number];

async function readPage(query: string, cursor: string): Promise<Page> {
  const response = await call("GET", `/tasks?limit=100&${query}&cursor=${cursor}`);
  return v.parse(Page, JSON.parse(await textIn(response, 200)));
}

const someone = idOf(7);
const early = new Date(FIRST_DUE_AT + 60 * MINUTE_MS).toISOString();
const late = new Date(FIRST_DUE_AT + (TASK_COUNT - 100) * MINUTE_MS).toISOString();
const isPending = ({ status }: Listed) => status === "pending";
const isEarly = ({ due_at }: Listed) => due_at < early;

/** Every kind of filter: which tasks it leaves, and the most rows that its first page may read. */
const LISTS: readonly (readonly [query: string, isOne: (task: Listed) => boolean, most: number])[] =
  [
    ["", () => true, 110],
    ["status=pending", isPending, 110],
    ["status=pending,pending", isPending, 220],
    ["status=pending,done", ({ status }) => /pending|done/.test(status), 120],
    ["priority=urgent", ({ priority }) => priority === "urgent", 110],
    [
      "status=pending&priority=low,high",
      (task) => isPending(task) && /low|high/.test(task.priority),
      110,
    ],
    [`assignee_id=${someone}`, ({ assignee_id }) => assignee_id === someone, 110],
    [`assignee_id=${someone}&status=pending`, () => false, 2010],
    ["assignee_id=none", ({ assignee_id }) => assignee_id === null, 10_110],
    [
      "assignee_id=none&status=pending",
      (task) => task.assignee_id === null && isPending(task),
      2600,
    ],
    [
      `assignee_id=none,${someone}`,
      ({ assignee_id }) => [null, someone].includes(assignee_id),
      3500,
    ],
    [`due_before=${early}`, isEarly, 200],
    [`due_before=${early}&status=pending`, (task) => isEarly(task) && isPending(task), 200],
    [
      `due_before=${early}&assignee_id=${someone}`,
      (task) => isEarly(task) && task.assignee_id === someone,
      200,
    ],
    // Almost all: the next one is never far.
    [`due_after=${early}`, (task) => task.due_at > early, 650],
    [`due_before=${late}&status=pending`, (task) => task.due_at < late && isPending(task), 650],
    [
      "q=task%209999",
      ({ id }) => String(Number.parseInt(id.slice(-12), 16)).startsWith("9999"),
      MAX_SCANNED_ROWS,
    ],
  ];

describe("a list of 100,000 tasks", () => {
  it.for(LISTS)(
    "by %s reads few rows a page, of the right tasks",
    async ([query, isOne, most], { expect }) => {
      for (const order of ["desc", "asc"]) {
        world.resetCounts();
        const first = await readPage(`${query}&order=${order}`, "");
        expect(world.counts("TABLES").rowsRead).toBeLessThanOrEqual(most);
        const ids = first.tasks.map(({ id }) => id);
        expect(ids).toEqual(order === "asc" ? ids.toSorted() : ids.toSorted().toReversed());
        expect(first.tasks.filter((task) => !isOne(task))).toEqual([]);
        expect(new Set(ids).size).toBe(ids.length);
        if (first.next_cursor === null) continue;
        const second = await readPage(`${query}&order=${order}`, first.next_cursor);
        expect(second.tasks.filter(({ id }) => ids.includes(id))).toEqual([]);
      }
    },
  );

  it.for([
    [`due_before=${early}`, 60],
    [`due_before=${early}&status=pending`, 15],
    ["q=task%209999", 11],
    [`q=task%209999&status=pending`, 2],
    [`due_after=${late}`, 99],
    [`assignee_id=none&due_before=${early}`, 1],
  ] as const)(
    "by %s has %d, however few rows a page may read",
    async ([query, total], { expect }) => {
      const ids = new Set<string>();
      let cursor: string | null = "";
      while (cursor !== null) {
        world.resetCounts();
        const page: Page = await readPage(query, cursor);
        expect(world.counts("TABLES").rowsRead).toBeLessThanOrEqual(MAX_SCANNED_ROWS + 10);
        for (const { id } of page.tasks) ids.add(id);
        cursor = page.next_cursor;
      }
      expect(ids.size).toBe(total);
    },
  );
});
