// The definition of a kind of table: its columns, its filters, and how its records are parsed.
import type { StoredRecord } from "../domain/records/record";
import type { Selection } from "./page-statement";

type Value = string | number | null;

/** The columns and filters of a table. */
export interface RowDefinition<Stored, Filters> {
  /** Name of the SQL table. */
  readonly name: string;
  /** A table of the same columns, whose rows are listed only where a selection wants them. */
  readonly pending?: string;
  /** Migrations, append-only. */
  readonly migrations: readonly string[];
  /** Values of the indexed columns, besides `seq`, `id`, `version`, `changed_by` and `record`. */
  columns(value: Stored): Readonly<Record<string, Value>>;
  select(filters: Filters): Selection;
  /** Parses a stored record. */
  parse(json: string): Stored;
}

/** The parts of a table of records that depend on their kind. */
export interface TableDefinition<Stored, Filters> extends RowDefinition<Stored, Filters> {
  /** The record with its kind. */
  tag(value: Stored): StoredRecord;
  /** Parses a record from outside the table, of any version; null for anything else. */
  adopt(value: unknown, now: number): Stored | null;
  /** The value and the metadata that KV gets for other Workers: the record as shown, and its list entry. */
  published(value: Stored): { readonly shown: unknown; readonly summary: unknown };
}
