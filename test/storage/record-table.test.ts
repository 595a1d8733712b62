// Rows that lists read, and the index each of them uses, by SQLite's own query plans.
import { reset, runInDurableObject } from "cloudflare:test";
import { afterAll, beforeAll, describe, it } from "vitest";
import { foldText, type TaskFilters, type UserFilters } from "../../src/domain/records/queries";
import { Priority, TaskStatus } from "../../src/domain/records/tasks";
import { scanStatements, sortStatement } from "../../src/storage/page-statement";
import { RecordTable } from "../../src/storage/record-table";
import { tasksTable as tasksDefinition } from "../../src/storage/tasks";
import { usersTable as usersDefinition } from "../../src/storage/users";
import { countReads } from "../support/count-reads";
import {
  FIRST_MADE_AT,
  idOf,
  insertTasks,
  insertUsers,
  someTask,
  someUser,
} from "../support/records";
import { tasksTable } from "../support/tasks";
import { usersTable } from "../support/users";

const COUNT = 5000;
const PEOPLE = Array.from({ length: 20 }, (_, n) => idOf(900_000 + n));
const HOUR_MS = 60 * 60_000;

beforeAll(async () => {
  await insertUsers(
    Array.from({ length: COUNT }, (_, n) =>
      someUser(
        n,
        n % 50 === 0 ? { email_check: { verdict: "unknown", reason: "dns-failed" } } : {},
      ),
    ),
  );
  await insertTasks(
    Array.from({ length: COUNT }, (_, n) =>
      someTask(n, {
        status: n % 25 === 0 ? "in_progress" : "done",
        priority: n % 50 === 0 ? "urgent" : "low",
        assignee_id: n % 2 === 0 ? (PEOPLE[(n / 2) % 20] ?? null) : null,
        due_at: n % 10 === 0 ? new Date(FIRST_MADE_AT + n * HOUR_MS).toISOString() : null,
      }),
    ),
  );
});
afterAll(reset);

const definitions = { users: usersDefinition, tasks: tasksDefinition };

/** The steps of a page's plan. */
function planOf(table: "users", filters: UserFilters): Promise<string[]>;
function planOf(table: "tasks", filters: TaskFilters): Promise<string[]>;
function planOf(table: "users" | "tasks", filters: UserFilters & TaskFilters): Promise<string[]> {
  const stub = table === "users" ? usersTable() : tasksTable();
  const selection = definitions[table].select(filters);
  return runInDurableObject(stub, (_, { storage }) =>
    (["asc", "desc"] as const).flatMap((order) =>
      [null, 1].flatMap((after) => {
        const { range } = selection;
        const place = { order, after };
        return [
          ...scanStatements(table, selection, place, 51),
          ...(range === undefined ? [] : [sortStatement(table, selection, range, place)]),
        ].flatMap(({ sql, values }) =>
          storage.sql
            .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
            .toArray()
            .map(({ detail }) => detail),
        );
      }),
    ),
  );
}

/** Rows that a page of the newest fifty reads, and how many it shows. */
function costOf(table: "users", filters: UserFilters): Promise<{ read: number; shown: number }>;
function costOf(table: "tasks", filters: TaskFilters): Promise<{ read: number; shown: number }>;
function costOf(table: "users" | "tasks", filters: UserFilters & TaskFilters) {
  const stub = table === "users" ? usersTable() : tasksTable();
  return runInDurableObject(stub, (_, { storage }) => {
    const { sql, rowsRead } = countReads(storage.sql);
    const query = { filters, order: "desc", after: null, limit: 50 } as const;
    const { records } =
      table === "users"
        ? new RecordTable(sql, usersDefinition).page(query)
        : new RecordTable(sql, tasksDefinition).page(query);
    return {
      read: rowsRead(),
      shown: records.length,
    };
  });
}

const everyStatus = TaskStatus.options;
const everyPriority = Priority.options;
const [dueAfter, dueBefore] = [FIRST_MADE_AT + 100 * HOUR_MS, FIRST_MADE_AT + 300 * HOUR_MS];

/** Every shape of a list of tasks, and the only ways in which it may be read. */
const TASK_LISTS: [filters: TaskFilters, ways: string[], most: number][] = [
  [{}, ["SCAN tasks"], 60],
  [{ status: ["done"] }, ["tasks_state (status=? AND priority=?"], 60],
  [{ priority: ["urgent"] }, ["tasks_state (status=? AND priority=?"], 60],
  [{ status: everyStatus }, ["tasks_state (status=? AND priority=?"], 70],
  [{ priority: everyPriority }, ["tasks_state (status=? AND priority=?"], 70],
  [
    { status: ["in_progress"], priority: ["urgent", "low"] },
    ["tasks_state (status=? AND priority=?"],
    300,
  ],
  [{ assignee: PEOPLE.slice(0, 1) }, ["tasks_assignee (assignee_id=?"], 60],
  [{ assignee: PEOPLE }, ["tasks_assignee (assignee_id=?"], 100],
  [
    { assignee: PEOPLE.slice(0, 2), status: ["done"], priority: ["low"] },
    ["tasks_assignee (assignee_id=?"],
    110,
  ],
  // Those of nobody may be all: they are picked out of all.
  [{ assignee: [null] }, ["SCAN tasks"], 150],
  [
    { assignee: [null, ...PEOPLE.slice(0, 1)] },
    ["SCAN tasks", "tasks_assignee (assignee_id=?"],
    250,
  ],
  [{ assignee: [null], status: ["done"] }, ["tasks_state (status=? AND priority=?"], 500],
  [{ dueAfter }, ["SCAN tasks", "tasks_due (due_at>?"], 1100],
  [{ dueBefore }, ["SCAN tasks", "tasks_due (due_at<?", "tasks_due (due_at>? AND due_at<?"], 100],
  [{ dueAfter, dueBefore }, ["SCAN tasks", "tasks_due (due_at>? AND due_at<?"], 100],
  [
    { dueAfter, status: ["in_progress"] },
    ["tasks_state (status=? AND priority=?", "tasks_due (due_at>?"],
    1100,
  ],
  [
    { dueBefore, assignee: PEOPLE.slice(0, 1) },
    ["tasks_assignee (assignee_id=?", "tasks_due (due_at<?"],
    100,
  ],
];

const USER_LISTS: [filters: UserFilters, ways: string[], most: number][] = [
  [{}, ["SCAN users"], 60],
  [{ verdict: ["unknown"] }, ["users_verdict (verdict=?"], 60],
  [{ verdict: ["unknown", "risky", "deliverable"] }, ["users_verdict (verdict=?"], 200],
  [{ email: "person-8@example.com" }, ["(email=?"], 3],
  [{ email: "person-8@example.com", verdict: ["risky"] }, ["(email=?"], 3],
  [
    { createdAfter: FIRST_MADE_AT + 4000 * 1000 },
    ["SEARCH users USING INTEGER PRIMARY KEY (rowid>?"],
    60,
  ],
  [
    { createdAfter: FIRST_MADE_AT, verdict: ["unknown"] },
    ["users_verdict (verdict=? AND seq>?"],
    60,
  ],
  // The newest are passed over one by one: an index would have to be paid with every sign-up.
  [{ createdBefore: FIRST_MADE_AT + 4000 * 1000 }, ["SCAN users"], 1100],
  // Almost all are one or the other.
  [{ confirmed: false }, ["SCAN users"], 60],
];

/** Steps that read rows, without what only merges or sorts what others read. */
const readers = (plan: readonly string[]) => plan.filter((step) => /^(?:SCAN|SEARCH)/.test(step));
const isNamed = (step: string) => /^(?:SCAN|SEARCH) \(?(?:tasks|users)\b/.test(step);

describe("a list of tasks", () => {
  it.for(TASK_LISTS)("by %j is read by %j alone", async ([filters, ways], { expect }) => {
    const plan = readers(await planOf("tasks", filters)).filter(isNamed);
    expect(plan.length).toBeGreaterThan(0);
    for (const step of plan) {
      const isKnown = ways.some((way) => step.includes(way));
      const isPlace = /SEARCH tasks USING INTEGER PRIMARY KEY \(rowid[<>]\?\)/.test(step);
      expect(isKnown || (isPlace && ways.includes("SCAN tasks")), step).toBe(true);
    }
  });

  it.for(TASK_LISTS)("by %j costs few rows: %j, %d", async ([filters, , most], { expect }) => {
    const { read, shown } = await costOf("tasks", filters);
    expect(shown).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(most);
  });
});

describe("a list of users", () => {
  it.for(USER_LISTS)("by %j is read by %j alone", async ([filters, ways], { expect }) => {
    const plan = readers(await planOf("users", filters)).filter(isNamed);
    expect(plan.length).toBeGreaterThan(0);
    for (const step of plan) {
      const isKnown = ways.some((way) => step.includes(way));
      const isPlace = /SEARCH users USING INTEGER PRIMARY KEY \(rowid[<>]\?\)/.test(step);
      expect(isKnown || (isPlace && ways.includes("SCAN users")), step).toBe(true);
    }
  });

  it.for(USER_LISTS)("by %j costs few rows: %j, %d", async ([filters, , most], { expect }) => {
    const { read } = await costOf("users", filters);
    expect(read).toBeLessThanOrEqual(most);
  });
});

it("A search reads no further than its page is long", async ({ expect }) => {
  const { read, shown } = await costOf("users", { text: foldText("person") });
  expect(shown).toBe(50);
  expect(read).toBeLessThan(60);
});
