// Single values about a table, one row each. Table `facts`: key = name, value = JSON.

/** SQL for a table's first migration. */
export const FACTS_SCHEMA =
  "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

/** Facts of one table, cached in memory, since the object is their only writer. */
export class Facts {
  readonly #sql: SqlStorage;
  readonly #known = new Map<string, unknown>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const { name, value } of sql.exec<{ name: string; value: string }>(
      "SELECT name, value FROM facts",
    )) {
      this.#known.set(name, JSON.parse(value));
    }
  }

  /** The value of a fact, or undefined. */
  read(name: string): unknown {
    return this.#known.get(name);
  }

  /** Stores a fact; null deletes it. Writes one row. */
  write(name: string, value: unknown): void {
    if (value === null) this.#sql.exec("DELETE FROM facts WHERE name = ?", name);
    else {
      this.#sql.exec(
        "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        name,
        JSON.stringify(value),
      );
    }
    if (value === null) this.#known.delete(name);
    else this.#known.set(name, value);
  }
}
