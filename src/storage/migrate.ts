// Migrates SQLite databases by append-only lists. Durable Objects do not support `PRAGMA user_version`, so a
// table counts the migrations.

/**
 * Runs the migrations that this database has not seen, each in one transaction with its number.
 *
 * @param migrations statements by version, from 1 on; a published one is never changed
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[]): void {
  const { sql } = storage;
  // `IF NOT EXISTS` would count as a write, and a database must be readable even if the day's writes are
  // spent.
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
