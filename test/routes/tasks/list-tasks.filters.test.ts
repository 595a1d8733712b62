// The filters of GET /tasks, alone and together, against a plain reading of all tasks.
import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Priority, TaskStatus, type StoredTask } from "../../../src/domain/records/tasks";
import {
  FIRST_MADE_AT,
  fitting,
  idOf,
  insertTasks,
  queryOf,
  someTask,
  walk,
} from "../../support/records";

const PEOPLE = [idOf(900_001), idOf(900_002), idOf(900_003)];
const HOUR_MS = 60 * 60_000;
const TITLES = ["Call Ada", "call BOB", "Invoice №7", "ＰＡＹ the rent", "Straße fegen", "ΟΔΟΣ"];
const COUNT = 400;

/** Every value of every field, with no two fields in step. */
const ALL: readonly StoredTask[] = Array.from({ length: COUNT }, (_, n) => {
  const pick = <T>(values: readonly T[], stride: number) =>
    values[Math.floor(n / stride) % values.length];
  const dueAt = n % 5 === 0 ? null : new Date(FIRST_MADE_AT + ((n * 7) % 97) * HOUR_MS);
  return someTask(n, {
    title: `${pick(TITLES, 1)} ${n}`,
    description: n % 4 === 0 ? `Äpfel und Birnen\nfor No. ${n}` : null,
    status: pick(TaskStatus.options, 3) ?? "pending",
    priority: pick(Priority.options, 2) ?? "medium",
    assignee_id: pick([null, ...PEOPLE], 7) ?? null,
    due_at: dueAt?.toISOString() ?? null,
  });
});

beforeAll(() => insertTasks(ALL));
afterAll(reset);

interface Filters {
  readonly status?: readonly TaskStatus[] | undefined;
  readonly priority?: readonly Priority[] | undefined;
  readonly assignee_id?: readonly string[] | undefined;
  readonly due_after?: string | undefined;
  readonly due_before?: string | undefined;
  readonly q?: string | undefined;
}

const fold = (text: string) =>
  text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");

type Fits = (task: StoredTask) => boolean;
const dueOf = (task: StoredTask) => (task.due_at === null ? Number.NaN : Date.parse(task.due_at));

/** The meaning of each filter, as a test of a task. */
const MEANINGS: { [Name in keyof Filters]-?: (value: NonNullable<Filters[Name]>) => Fits } = {
  status: (values) => (task) => values.includes(task.status),
  priority: (values) => (task) => values.includes(task.priority),
  assignee_id: (values) => (task) => values.includes(task.assignee_id ?? "none"),
  due_after: (value) => (task) => dueOf(task) > Date.parse(value),
  due_before: (value) => (task) => dueOf(task) < Date.parse(value),
  q: (value) => (task) => fold(`${task.title}\n${task.description ?? ""}`).includes(fold(value)),
};

/** The expected list: all tasks that pass the contract's meaning of each filter, one by one. */
function expected(filters: Filters, order: string): string[] {
  const left = fitting(ALL, filters, MEANINGS).map(({ id }) => id);
  return order === "asc" ? left : left.toReversed();
}

const listed = (filters: Filters, order: string, limit: number) =>
  walk(`/tasks?${queryOf(filters)}&order=${order}`, limit);

const someOf = <T>(values: readonly T[]) =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 6 });
const instant = fc
  .nat(110 * HOUR_MS)
  .map((ms) => new Date(FIRST_MADE_AT - 5 * HOUR_MS + ms).toISOString());
const optional = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const word = fc.constantFrom(
  "call",
  "ADA",
  "bob ",
  "No7",
  "pay the",
  "ｃａｌｌ",
  "STRASSE",
  "straße",
  "οδοσ",
  "ΟΔΟΣ 1",
  "äpfel",
  "A\u0308PFEL UND",
  "birnen\nfor",
  " 39",
  "nothing of the kind",
  "%%%",
  "a_l",
  "'; --",
);

const anyFilters: fc.Arbitrary<Filters> = fc.record({
  status: optional(someOf(TaskStatus.options)),
  priority: optional(someOf(Priority.options)),
  assignee_id: optional(someOf(["none", ...PEOPLE, idOf(1)])),
  due_after: optional(instant),
  due_before: optional(instant),
  q: optional(word),
});

describe("filters of tasks", () => {
  const alone: Filters[] = [
    {},
    ...TaskStatus.options.map((status) => ({ status: [status] })),
    ...Priority.options.map((priority) => ({ priority: [priority] })),
    ...["none", ...PEOPLE, idOf(1)].map((id) => ({ assignee_id: [id] })),
    { due_after: ALL[42]?.due_at ?? "" },
    { due_before: ALL[42]?.due_at ?? "" },
    { q: "ada" },
  ];
  it.for(alone)("alone leave what fits: %j", async (filters, { expect }) => {
    for (const order of ["asc", "desc"]) {
      expect(await listed(filters, order, 100)).toEqual(expected(filters, order));
    }
  });

  it("leave what fits all of them, page by page, in order, nothing twice", async ({ expect }) => {
    const order = fc.constantFrom("asc", "desc");
    await fc.assert(
      fc.asyncProperty(anyFilters, order, fc.integer({ min: 7, max: 100 }), async (...list) => {
        expect(await listed(...list)).toEqual(expected(list[0], list[1]));
      }),
      { numRuns: 120 },
    );
  });

  it("mean any of their values, in whatever order and however often", async ({ expect }) => {
    const filters = {
      status: ["done", "pending", "done"],
      assignee_id: [PEOPLE[0], PEOPLE[0]?.toUpperCase(), "none", "none"],
    };
    const once = { status: ["done", "pending"], assignee_id: ["none", PEOPLE[0] ?? ""] } as const;
    expect(await walk(`/tasks?${queryOf(filters)}&order=asc`, 100)).toEqual(expected(once, "asc"));
  });
});

describe("q", () => {
  const numbered = (test: (n: number) => boolean) =>
    ALL.filter((_, n) => test(n)).map(({ id }) => id);

  it.for([
    ["ada", "without case", (n: number) => n % 6 === 0],
    ["BOB", "without case", (n: number) => n % 6 === 1],
    ["invoice no7", "in one form of what looks alike (№)", (n: number) => n % 6 === 2],
    ["pay the", "in one form of what looks alike (full width)", (n: number) => n % 6 === 3],
    ["strasse", "with ß as it is in capitals", (n: number) => n % 6 === 4],
    ["οδοσ", "with a final sigma as any other", (n: number) => n % 6 === 5],
    ["Birnen", "in descriptions too", (n: number) => n % 4 === 0],
    ["pfel und b", "in the middle", (n: number) => n % 4 === 0],
    ["pfel%birnen", "as it is, for it is no pattern", () => false],
  ] as const)("finds %s: %s", async ([q, , test], { expect }) => {
    expect(await listed({ q }, "asc", 100)).toEqual(numbered(test));
  });
});
