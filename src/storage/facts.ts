// Single facts about a table, one row each: table `facts`, key = name, value = JSON.

/** To be part of a table's first migration. */
export const FACTS_SCHEMA =
  "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";

/** The facts of one table, kept in memory as well: the object is their only writer. */
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

  /** The fact of this name, or undefined. Its shape is what `write` was given. */
  read<Fact>(name: string): Fact | undefined {
    return this.#known.get(name) as Fact | undefined;
  }

  /** Keeps a fact; null forgets it. One row. */
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
