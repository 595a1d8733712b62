// Many records at once, for tests of lists: they are put into the tables' rows, and nothing follows from it.
import { runInDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { emailOf } from "../../src/domain/email/email-address";
import { CreateTask, createTask, type StoredTask } from "../../src/domain/records/tasks";
import { createUser, CreateUser, type User } from "../../src/domain/records/users";
import { firstSeqAt, RecordTable } from "../../src/storage/record-table";
import type { TableDefinition } from "../../src/storage/table-definition";
import { tasksTable as tasksDefinition } from "../../src/storage/tasks";
import { usersTable as usersDefinition } from "../../src/storage/users";
import { tasksTable } from "./tasks";
import { read, usersTable } from "./users";

/** Creation of the first record; each further one is created a second later. */
export const FIRST_MADE_AT = Date.UTC(2026, 0, 1);

/** The caller of an action that is run without a request, with a token. */
export const BY_TOKEN = {
  hasToken: true,
  origin: "https://api.example",
  asker: { address: "192.0.2.1" },
  language: "en",
} as const;

/** An id that rises with the number. */
export function idOf(n: number): string {
  return `019b7a00-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** The n-th user of a test. */
export function someUser(n: number, fields: Partial<User> = {}): User {
  const body = v.parse(CreateUser, { name: `Person ${n}`, email: `person-${n}@example.com` });
  const check = { verdict: "deliverable", reason: "mail-server-found" } as const;
  const now = FIRST_MADE_AT + 1000 * n;
  return { ...createUser(body, emailOf(body.email), check, { id: idOf(n), now }), ...fields };
}

/** The n-th task of a test. */
export function someTask(n: number, fields: Partial<StoredTask> = {}): StoredTask {
  const body = v.parse(CreateTask, { title: `Task ${n}` });
  return { ...createTask(body, { id: idOf(n), now: FIRST_MADE_AT + 1000 * n }), ...fields };
}

const Entry = v.object({ id: v.string() });
const Page = v.union([
  v.object({ users: v.array(Entry), next_cursor: v.nullable(v.string()) }),
  v.object({ tasks: v.array(Entry), next_cursor: v.nullable(v.string()) }),
]);

/** One page of a list: the ids on it, and where it goes on. */
export async function readPage(path: string): Promise<{ ids: string[]; next: string | null }> {
  const response = await read(path);
  if (response.status !== 200) throw new Error(await response.text());
  const page = v.parse(Page, await response.json());
  const entries = "users" in page ? page.users : page.tasks;
  return { ids: entries.map(({ id }) => id), next: page.next_cursor };
}

/** The ids on all pages of a list, none of which but the last is short. `path` has a query. */
export async function walk(path: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ""; ;) {
    const { ids, next } = await readPage(`${path}&limit=${limit}&cursor=${cursor}`);
    found.push(...ids);
    if (next === null) return found;
    if (ids.length !== limit) throw new Error("A short page in the middle");
    cursor = next;
  }
}

/** Records that pass all given filters, by a test for each of them. */
export function fitting<Value, Filters extends object>(
  values: readonly Value[],
  filters: Filters,
  meanings: {
    [Name in keyof Filters]-?: (wanted: NonNullable<Filters[Name]>) => (value: Value) => boolean;
  },
): Value[] {
  let left = [...values];
  for (const name in filters) {
    const wanted = filters[name];
    if (wanted !== undefined && wanted !== null) left = left.filter(meanings[name](wanted));
  }
  return left;
}

/** Filters as a query string; what is undefined is left out, lists are parted by commas. */
export function queryOf(filters: object): string {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** Puts users into the table, in this order, each as if committed when it was made. */
export function insertUsers(users: readonly User[]): Promise<void> {
  return insert(usersTable(), usersDefinition, users);
}

/** Puts tasks into the table, in this order, each as if committed when it was made. */
export function insertTasks(tasks: readonly StoredTask[]): Promise<void> {
  return insert(tasksTable(), tasksDefinition, tasks);
}

function insert<Value extends { id: string; version: number; created_at: string }, Filters>(
  stub: ReturnType<typeof usersTable>,
  definition: TableDefinition<Value, Filters>,
  values: readonly Value[],
): Promise<void> {
  return runInDurableObject(stub, (_, { storage }) => {
    const table = new RecordTable(storage.sql, definition);
    storage.transactionSync(() => {
      for (const [n, value] of values.entries()) {
        const seq = firstSeqAt(Date.parse(value.created_at)) + n;
        if (!table.insert(value, seq)) throw new Error(`${value.id} is taken`);
      }
    });
  });
}
