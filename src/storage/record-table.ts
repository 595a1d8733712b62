// Stores records of one kind in SQLite: found by id, listed in order of insertion.
//
// Table `deleted`: a tombstone per deleted record, its id and the request that deleted it, so that a repeated
// deletion succeeds and a repeated creation creates nothing. Lifetime: seven days.
import type { PageQuery, RecordPage } from "../domain/records/queries";
import { mergeOrdered } from "../lib/merge-ordered";
import { FACTS_SCHEMA } from "./facts";
import { IDEMPOTENCY_SCHEMA } from "./idempotency-keys";
import { OUTBOX_SCHEMA } from "./outbox-store";
import {
  countStatement,
  scanStatements,
  sortStatement,
  type Place,
  type Range,
  type Selection,
  type Statement,
} from "./page-statement";
import { placeholders } from "./placeholders";
import { idsOf } from "./read-column";
import type { RowDefinition } from "./table-definition";

/** SQL that every table's first migration begins with. */
export const SHARED_SCHEMA = `${FACTS_SCHEMA}${OUTBOX_SCHEMA}${IDEMPOTENCY_SCHEMA}
  CREATE TABLE deleted (
    id TEXT PRIMARY KEY,
    deleted_by TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX deleted_at ON deleted (at);`;

/** Milliseconds for which a tombstone is kept: a batch repeats items that were cut off for no longer. */
const KEEP_DELETED_MS = 7 * 24 * 60 * 60_000;
/** Values of `seq` for each millisecond; a table takes some thousand commits a second. */
const COMMITS_PER_MS = 1000;
/** Rows that one page may scan for matches, at most. */
export const MAX_SCANNED_ROWS = 20_000;
/** Rows that one page may sort, at most. */
const MAX_SORTED_ROWS = 500;
/** Characters of a page: a reply of an object may have 32 MiB. */
const MAX_PAGE_CHARACTERS = 8 * 1024 * 1024;

/** The lowest `seq` that a commit at this instant can have. */
export function firstSeqAt(epochMs: number): number {
  return epochMs * COMMITS_PER_MS;
}

/** A stored record, with its last change. */
export interface Row<Stored> {
  readonly value: Stored;
  /** Id of the request that changed it last. */
  readonly changedBy: string | null;
}

/** An insertion of a record. */
interface Insertion {
  /** True if it may have been deleted lately. */
  readonly mayReturn?: boolean;
  readonly changedBy?: string | null;
  /** Values of columns that most records lack. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** The rows of one kind of record. All methods are synchronous, so that several can be one transaction. */
export class RecordTable<Stored extends { id: string; version: number }, Filters> {
  readonly #sql: SqlStorage;
  readonly #definition: RowDefinition<Stored, Filters>;
  #lastSeq: number;
  /** Made with the first plain insert, which knows the columns. */
  #insertion: string | undefined;

  /** @param lastSeq a number that was given to a record already */
  constructor(sql: SqlStorage, definition: RowDefinition<Stored, Filters>, lastSeq = 0) {
    this.#sql = sql;
    this.#definition = definition;
    const { name, pending } = definition;
    const last = (table: string) =>
      sql.exec<{ seq: number | null }>(`SELECT max(seq) AS seq FROM ${table}`).one().seq ?? 0;
    this.#lastSeq = Math.max(lastSeq, last(name), pending === undefined ? 0 : last(pending));
  }

  /**
   * A number for a commit, higher than all before. Derived from the time, so that none is reused even after
   * deletions.
   */
  nextSeq(now: number): number {
    this.#lastSeq = Math.max(this.#lastSeq + 1, firstSeqAt(now));
    return this.#lastSeq;
  }

  /** The record's JSON, or null. */
  read(id: string): string | null {
    const { name } = this.#definition;
    const rows = this.#sql.exec<{ record: string }>(`SELECT record FROM ${name} WHERE id = ?`, id);
    for (const { record } of rows) return record;
    return null;
  }

  find(id: string): Row<Stored> | null {
    const rows = this.#sql.exec<{ record: string; changed_by: string | null }>(
      `SELECT record, changed_by FROM ${this.#definition.name} WHERE id = ?`,
      id,
    );
    for (const { record, changed_by } of rows)
      return { value: this.#definition.parse(record), changedBy: changed_by };
    return null;
  }

  /**
   * Inserts a record. Returns false if its id or a unique column is taken, or if it was deleted lately, unless
   * it may come back.
   */
  insert(
    value: Stored,
    seq: number,
    { mayReturn = false, changedBy = null, beside }: Insertion = {},
  ): boolean {
    const columns = {
      ...this.#definition.columns(value),
      ...rowOf(value, changedBy),
      seq,
      ...beside,
    };
    const make = () => insertionOf(this.#definition.name, Object.keys(columns));
    const { rowsWritten } = this.#sql.exec(
      beside === undefined ? (this.#insertion ??= make()) : make(),
      ...Object.values(columns),
      mayReturn ? null : value.id,
    );
    return rowsWritten > 0;
  }

  /** Replaces a record. Returns false if another record has the value of a unique column. */
  replace(value: Stored, changedBy: string | null): boolean {
    const columns = { ...this.#definition.columns(value), ...rowOf(value, changedBy) };
    const names = Object.keys(columns);
    const { rowsWritten } = this.#sql.exec(
      `UPDATE OR IGNORE ${this.#definition.name} SET ${names.map((name) => `${name} = ?`).join(", ")}
       WHERE id = ?`,
      ...Object.values(columns),
      value.id,
    );
    return rowsWritten > 0;
  }

  /** Deletes a record and leaves a tombstone. */
  delete(id: string, deletedBy: string, now: number): void {
    this.#sql.exec(`DELETE FROM ${this.#definition.name} WHERE id = ?`, id);
    this.#sql.exec(
      "INSERT OR REPLACE INTO deleted (id, deleted_by, at) VALUES (?, ?, ?)",
      id,
      deletedBy,
      now,
    );
    this.#sql.exec(
      "DELETE FROM deleted WHERE id IN (SELECT id FROM deleted WHERE at < ? ORDER BY at LIMIT 10)",
      now - KEEP_DELETED_MS,
    );
  }

  /** The request that deleted this record within the last days, by its tombstone; null if there is none. */
  deletedBy(id: string): string | null {
    const rows = this.#sql.exec<{ deleted_by: string }>(
      "SELECT deleted_by FROM deleted WHERE id = ?",
      id,
    );
    for (const { deleted_by } of rows) return deleted_by;
    return null;
  }

  /** Returns those of the ids that no record has. */
  missing(ids: readonly string[]): string[] {
    return idsOf(
      this.#sql,
      `SELECT value AS id FROM json_each(?)
       WHERE NOT EXISTS (SELECT 1 FROM ${this.#definition.name} WHERE id = value)`,
      JSON.stringify(ids),
    );
  }

  /**
   * One page of a list. Scans a bounded number of rows, so it may return fewer records than `limit`, or none,
   * and a `next` to go on from.
   */
  page({ filters, limit, ...place }: PageQuery<Filters>): RecordPage {
    const isBefore =
      place.order === "asc"
        ? (one: PageRow, other: PageRow) => one.seq < other.seq
        : (one: PageRow, other: PageRow) => one.seq > other.seq;
    const selection = this.#definition.select(filters);
    const { name, pending } = this.#definition;
    const names = selection.isWithPending && pending !== undefined ? [name, pending] : [name];
    const statements = names.flatMap((each) => this.#statementsOf(each, selection, place));
    const sources = statements.map(({ sql, values }) => this.#sql.exec<PageRow>(sql, ...values));
    return takePage(mergeOrdered(sources, isBefore), limit);
  }

  /**
   * Sorts the rows of a range if they are few. If they are many, the list's own order finds the next match
   * soon.
   */
  #statementsOf(name: string, selection: Selection, place: Place): readonly Statement[] {
    const { range } = selection;
    return range !== undefined && this.#count(name, range) <= MAX_SORTED_ROWS
      ? [sortStatement(name, selection, range, place)]
      : scanStatements(name, selection, place, MAX_SCANNED_ROWS);
  }

  #count(name: string, range: Range): number {
    const { sql, values } = countStatement(name, range, MAX_SORTED_ROWS + 1);
    return this.#sql.exec<{ found: number }>(sql, ...values).one().found;
  }
}

/** A row that was scanned; `record` is null if it does not pass the filters. */
type PageRow = { readonly seq: number; readonly record: string | null };

function takePage(rows: Iterable<PageRow>, limit: number): RecordPage {
  const records: string[] = [];
  let [last, looked, characters] = [-1, 0, 0];
  for (const { seq, record } of rows) {
    // The same row again, since the filter named an alternative twice.
    if (seq === last) continue;
    const isFull = records.length === limit || characters > MAX_PAGE_CHARACTERS;
    if (looked === MAX_SCANNED_ROWS || (isFull && record !== null)) return { records, next: last };
    last = seq;
    looked += 1;
    if (record === null) continue;
    records.push(record);
    characters += record.length;
  }
  return { records, next: looked === MAX_SCANNED_ROWS ? last : null };
}

function insertionOf(table: string, columns: readonly string[]): string {
  const places = placeholders(columns);
  // A tombstone that is looked for in the same statement costs less than one of its own.
  return `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${places}
    WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE id = ?) ON CONFLICT DO NOTHING`;
}

function rowOf(value: { id: string; version: number }, changedBy: string | null) {
  return {
    id: value.id,
    version: value.version,
    changed_by: changedBy,
    record: JSON.stringify(value),
  };
}
