// State that survives a crash of the object with the outbox: its rows, and how they are opened.
import { Facts, FACTS_SCHEMA } from "../../src/storage/facts";
import { OUTBOX_SCHEMA, SqlOutbox } from "../../src/storage/outbox-store";

/** SQLite as objects have it. */
export interface Sqlite {
  readonly sql: Pick<SqlStorage, "exec">;
  transactionSync<T>(run: () => T): T;
}

/** The rows of one outbox. */
export class OutboxDisk {
  /** While false, whatever would change a row is refused. */
  isWritable = true;
  readonly #sqlite: Sqlite;
  readonly #sql: SqlStorage;

  /** @param sqlite an empty database */
  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    const { sql } = sqlite;
    sql.exec(FACTS_SCHEMA);
    sql.exec(OUTBOX_SCHEMA);
    const exec: SqlStorage["exec"] = (query, ...values) => {
      if (!this.isWritable && /^\s*(?:INSERT|UPDATE|DELETE)/.test(query))
        throw new Error("Exceeded allowed rows written in Durable Objects free tier.");
      return sql.exec(query, ...values);
    };
    // Nothing else of it is used here.
    this.#sql = { exec } as SqlStorage;
  }

  /** Forgets all rows. */
  wipe(): void {
    for (const table of ["effects", "publications", "facts"])
      this.#sql.exec(`DELETE FROM ${table}`);
  }

  /** Opens it as an object does that has just started. */
  open(): SqlOutbox {
    return new SqlOutbox(this.#sql, new Facts(this.#sql));
  }

  /** Undoes what `run` has written if it throws, and throws the same. */
  atomically(run: () => void): void {
    this.#sqlite.transactionSync(run);
  }
}
