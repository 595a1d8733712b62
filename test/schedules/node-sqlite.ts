// SQLite of Node with the interface that objects have: only what the storage modules use of it.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Sqlite } from "./outbox-disk";

/** A database in memory. */
export function openSqlite(): Sqlite {
  const database = new DatabaseSync(":memory:");
  const statements = new Map<string, StatementSync>();
  const prepare = (query: string): StatementSync => {
    const known = statements.get(query);
    if (known !== undefined) return known;
    const statement = database.prepare(query);
    statements.set(query, statement);
    return statement;
  };
  const exec = (query: string, ...values: (string | number | null)[]) => {
    if (/^\s*CREATE/.test(query)) {
      database.exec(query);
      return toCursor([], 0);
    }
    if (/^\s*SELECT|\bRETURNING\b/.test(query)) return toCursor(prepare(query).all(...values), 0);
    return toCursor([], Number(prepare(query).run(...values).changes));
  };
  return {
    sql: { exec: exec as unknown as SqlStorage["exec"] },
    transactionSync(run) {
      database.exec("BEGIN");
      try {
        const result = run();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

function toCursor(rows: readonly object[], rowsWritten: number) {
  const one = () => {
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw new Error("Expected exactly one row");
    return row;
  };
  return {
    rowsWritten,
    one,
    toArray: () => rows,
    [Symbol.iterator]: () => rows[Symbol.iterator](),
  };
}
