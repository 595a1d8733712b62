// Stubs of tables. The only place that gives them a type: the platform's own mapping would turn each
// `unknown` inside a record into `never`.
import type { KeptBatches } from "../domain/batches/kept-batch";
import type { BatchRegister } from "../domain/batches/register";
import type { TaskFilters } from "../domain/records/queries";
import type { KeyTable, TableName } from "../domain/idempotency";
import type { RecordTable, TableStanding, UserTable } from "../domain/records/table";
import type { CallerTable } from "../domain/callers/budgets";
import { openObject } from "./objects";

/** The binding of the tables. */
export type TablesEnv = Pick<Env, "TABLES">;

/** The table of users. */
export function usersIn({ TABLES }: TablesEnv): UserTable {
  return openObject<UserTable>(() => TABLES.getByName("users"));
}

/** The table of tasks. */
export function tasksIn({ TABLES }: TablesEnv): RecordTable<TaskFilters> {
  return openObject<RecordTable<TaskFilters>>(() => TABLES.getByName("tasks"));
}

/** The register of batches. */
export function batchesIn({ TABLES }: TablesEnv): BatchRegister & KeptBatches {
  return openObject<BatchRegister & KeptBatches>(() => TABLES.getByName("batches"));
}

/** The state of the table of this name. Rejects if the table cannot be reached. */
export function standingOf(
  { TABLES }: TablesEnv,
  name: TableName | "callers",
): Promise<TableStanding> {
  const table = openObject<{ standing(): Promise<TableStanding> }>(() => TABLES.getByName(name));
  return table.standing();
}

/** The Idempotency-Keys stored in this table. */
export function keysIn({ TABLES }: TablesEnv, table: TableName): KeyTable {
  return openObject<KeyTable>(() => TABLES.getByName(table));
}

/** The table of the amounts that callers without a token used today. */
export function callersIn({ TABLES }: TablesEnv): Pick<CallerTable, "spend"> {
  const table = openObject<CallerTable>(() => TABLES.getByName("callers"));
  // All tries of a call bear the same id.
  return {
    spend: (caller, uses, budgets, id = crypto.randomUUID()) =>
      table.spend(caller, uses, budgets, id),
  };
}
