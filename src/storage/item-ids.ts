// Ids of the items of a job.
//
// Table `ids`: those of the items of each chunk that was submitted with any, as a JSON array with null for
// none; `first` is the index of the first. Writer: the job. Lifetime: that of the job.

/** SQL of the table, which jobs whose items have no ids lack. */
const SCHEMA = "CREATE TABLE IF NOT EXISTS ids (first INTEGER PRIMARY KEY, ids TEXT NOT NULL)";

/** The ids of the items of one job. */
export class ItemIds {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores the ids of a chunk, as JSON. Repeating it changes nothing. */
  append(first: number, ids: string): void {
    this.#sql.exec(SCHEMA);
    this.#sql.exec("INSERT OR IGNORE INTO ids (first, ids) VALUES (?, ?)", first, ids);
  }

  /** The ids of a chunk in order, with null for none; null if none of its items has one. */
  of(first: number): (string | null)[] | null {
    const rows = this.#sql.exec<{ ids: string }>("SELECT ids FROM ids WHERE first = ?", first);
    // Not validated, since only the batch's intake writes them.
    for (const { ids } of rows) return JSON.parse(ids) as (string | null)[];
    return null;
  }

  /** The indexes of the items with these ids. */
  indexesOf(ids: ReadonlySet<string>): Set<number> {
    const found = new Set<number>();
    for (const row of this.#sql.exec<{ first: number; ids: string }>(
      "SELECT first, ids FROM ids",
    )) {
      // Not validated, as in `of`.
      const all = JSON.parse(row.ids) as (string | null)[];
      all.forEach((id, offset) => id !== null && ids.has(id) && found.add(row.first + offset));
    }
    return found;
  }
}
