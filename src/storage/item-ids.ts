// Ids of the items of a job.
//
// Table `ids`: those of the items of each chunk that was submitted with any, as a JSON array with null for
// none; `first` is the index of the first. Writer: the job. Lifetime: that of the job.

/** SQL of the table. */
export const ITEM_IDS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS ids (first INTEGER PRIMARY KEY, ids TEXT NOT NULL);`;

/** The ids of the items of one job. */
export class ItemIds {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores the ids of a chunk, as JSON. Repeating it changes nothing. */
  append(first: number, ids: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO ids (first, ids) VALUES (?, ?)", first, ids);
  }

  /** Deletes all ids. */
  clear(): void {
    this.#sql.exec("DELETE FROM ids");
  }
}
