// The way to the tables. The one place where their stubs get a type: the platform's own mapping turns
// every `unknown` inside a record into `never`.
import type { TaskFilters, UserFilters } from "../domain/records/queries";
import type { KeyTable, TableName } from "../domain/idempotency";
import type { RecordTable } from "../domain/records/table";
import type { CallerTable } from "../domain/callers/budgets";
import { openObject } from "./objects";

/** What reaches the tables: the binding TABLES. */
export type TablesEnv = Pick<Env, "TABLES">;

/** The table of users. */
export function usersIn({ TABLES }: TablesEnv): RecordTable<UserFilters> {
  return openObject<RecordTable<UserFilters>>(() => TABLES.getByName("users"));
}

/** The table of tasks. */
export function tasksIn({ TABLES }: TablesEnv): RecordTable<TaskFilters> {
  return openObject<RecordTable<TaskFilters>>(() => TABLES.getByName("tasks"));
}

/** The Idempotency-Keys that are kept in this table. */
export function keysIn({ TABLES }: TablesEnv, table: TableName): KeyTable {
  return openObject<KeyTable>(() => TABLES.getByName(table));
}

/** What callers without a token have used today. */
export function callersIn({ TABLES }: TablesEnv): CallerTable {
  return openObject<CallerTable>(() => TABLES.getByName("callers"));
}
