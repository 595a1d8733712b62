// State that survives a crash of the object with the outbox: its rows, and how they are opened.
import { Facts } from "../../src/storage/facts";
import { publishedSoFar } from "../../src/storage/new-records";
import { SqlOutbox } from "../../src/storage/outbox-store";
import { RecordTable, SHARED_SCHEMA } from "../../src/storage/record-table";
import type { State } from "./kv";
import type { RowDefinition } from "../../src/storage/table-definition";

/** SQLite as objects have it. */
export interface Sqlite {
  readonly sql: Pick<SqlStorage, "exec">;
  transactionSync<T>(run: () => T): T;
}

/** A record of the schedules. */
export interface Kept extends State {
  readonly id: string;
}

const RECORDS: RowDefinition<Kept, never> = {
  name: "records",
  migrations: [
    SHARED_SCHEMA,
    `CREATE TABLE records (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      changed_by TEXT,
      record TEXT NOT NULL
    );`,
    publishedSoFar("records"),
  ],
  columns: () => ({}),
  select: () => ({ alternatives: [], conditions: [] }),
  parse: (json) => JSON.parse(json) as Kept,
};

/** An outbox, and the records that it publishes. */
export interface Opened {
  readonly outbox: SqlOutbox;
  readonly table: RecordTable<Kept, never>;
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
    for (const statements of RECORDS.migrations) sql.exec(statements);
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
    for (const table of ["records", "deleted", "effects", "publications", "facts"])
      this.#sql.exec(`DELETE FROM ${table}`);
  }

  /** Opens it as an object does that has just started. */
  open(): Opened {
    const outbox = new SqlOutbox(this.#sql, new Facts(this.#sql), RECORDS.name);
    return { outbox, table: new RecordTable(this.#sql, RECORDS, outbox.lastSeq) };
  }

  /** Undoes what `run` has written if it throws, and throws the same. */
  atomically(run: () => void): void {
    this.#sqlite.transactionSync(run);
  }
}
