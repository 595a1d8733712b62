// Schemas of SQLite in Durable Objects grow by append-only lists. `PRAGMA user_version` is not to be had
// there, so the number of migrations that were run stands in a table of its own.

/**
 * Runs the migrations that this database has not seen, each with its number in one transaction.
 *
 * @param migrations statements by version, from 1 on; a published one is never changed
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[]): void {
  const { sql } = storage;
  // Not by `IF NOT EXISTS`, which is a write: a database can be read where none is allowed.
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").toArray();
  if (found.length === 0) sql.exec("CREATE TABLE migrations (version INTEGER PRIMARY KEY)");
  const version =
    sql.exec<{ version: number | null }>("SELECT max(version) AS version FROM migrations").one()
      .version ?? 0;
  migrations.slice(version).forEach((statements, index) => {
    storage.transactionSync(() => {
      sql.exec(statements);
      sql.exec("INSERT INTO migrations (version) VALUES (?)", version + index + 1);
    });
  });
}
