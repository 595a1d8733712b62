// What makes one kind of table: its columns, its filters, and how its records are read.
import type { StoredRecord } from "../domain/records/record";
import type { Selection } from "./page-statement";

type Value = string | number | null;

/** The kind-specific part of a table of records. */
export interface TableDefinition<Stored, Filters> {
  /** Of the SQL table. */
  readonly name: string;
  /** Statements by version. Append-only. */
  readonly migrations: readonly string[];
  /** The columns by which rows are found, besides `seq`, `id`, `version`, `changed_by`, `record`. */
  columns(value: Stored): Readonly<Record<string, Value>>;
  select(filters: Filters): Selection;
  /** A stored record, parsed. */
  parse(json: string): Stored;
  /** The record with its kind. */
  tag(value: Stored): StoredRecord;
  /** A record that comes from outside the table, of any version, or null for what is none. */
  adopt(value: unknown, now: number): Stored | null;
  /** What other Workers read in KV: the record as it is shown, and its list entry. */
  published(value: Stored): { readonly shown: unknown; readonly summary: unknown };
}
