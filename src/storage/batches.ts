// Storage of the table `batches`: the register of batches, and the Idempotency-Keys of submissions.
//
// Table `batches`: a row a batch; `seq` in order of the first report, `record` = BatchEntry as JSON,
// `expires_at` = when its job deletes itself, null while anything else is left to do. Of a batch without a job `kept` is
// all of it, until it is handed over to one that has reported it. Writer: the object `batches`, on submissions and reports
// of jobs. Lifetime: that of the batch.
import * as v from "valibot";
import { BatchEntry, type BatchFilters } from "../domain/batches/register";
import { BatchStatus, showsOther, type JobSummary } from "../domain/batches/batch";
import { CHANGED_SINCE } from "../domain/batches/change-batch";
import type { Steered } from "../domain/batches/job-record";
import { isKeptId, summarizeKept } from "../domain/batches/kept-batch";
import type { Refusal } from "../domain/errors";
import type { PageQuery, RecordPage } from "../domain/records/queries";
import type { Condition, Selection } from "./page-statement";
import { KeptRows } from "./kept-batches";
import { idsOf } from "./read-column";
import { firstSeqAt, RecordTable, SHARED_SCHEMA } from "./record-table";
import type { RowDefinition } from "./table-definition";

/** Milliseconds by which a first report may be late, and its batch still be found by when it was created. */
const MAX_LATE_MS = 2 * 24 * 60 * 60_000;

/** Milliseconds after its creation within which a batch may be listed before its job is stored. */
const ON_ITS_WAY_MS = 60 * 60_000;

interface RegisterFilters extends BatchFilters {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Storage of batches. */
export const batchesTable: RowDefinition<BatchEntry, RegisterFilters> = {
  name: "batches",
  migrations: [
    SHARED_SCHEMA,
    `CREATE TABLE batches (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      changed_by TEXT,
      status TEXT NOT NULL,
      label TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      record TEXT NOT NULL
    );
    CREATE INDEX batches_status ON batches (status, seq);
    CREATE INDEX batches_label ON batches (label, status, seq) WHERE label IS NOT NULL;
    CREATE INDEX batches_expiry ON batches (expires_at) WHERE expires_at IS NOT NULL;`,
    // Finds those without a time as well.
    `DROP INDEX batches_expiry;
    CREATE INDEX batches_expiry ON batches (expires_at);`,
    `ALTER TABLE batches ADD COLUMN kept TEXT;
    ALTER TABLE batches ADD COLUMN handed_over TEXT;`,
  ],
  columns: (entry) => ({
    status: entry.status,
    label: entry.label,
    created_at: Date.parse(entry.created_at),
    expires_at: entry.is_at_rest === true ? Date.parse(entry.expires_at) : null,
  }),
  select: selectBatches,
  parse: (json) => v.parse(BatchEntry, JSON.parse(json)),
};

function selectBatches({ status, label, createdBefore, now }: RegisterFilters): Selection {
  // The alarm deletes rows that have expired within the day.
  const conditions: Condition[] = [
    { sql: "(expires_at IS NULL OR expires_at > ?)", values: [now] },
  ];
  const bounds: Condition[] = [];
  if (createdBefore !== undefined) {
    conditions.push({ sql: "created_at < ?", values: [createdBefore] });
    bounds.push({ sql: "seq < ?", values: [firstSeqAt(createdBefore + MAX_LATE_MS)] });
  }
  return { alternatives: alternativesOf(status, label), conditions, bounds };
}

/** Each is the start of an index that continues with `seq`. */
function alternativesOf(
  status: readonly BatchStatus[] | undefined,
  label: string | undefined,
): Condition[] {
  if (label === undefined)
    return (status ?? []).map((value) => ({ sql: "status = ?", values: [value] }));
  return (status ?? BatchStatus.options).map((value) => ({
    sql: "label = ? AND status = ?",
    values: [label, value],
  }));
}

/** The rows of the register. All methods are synchronous, so that several can be one transaction. */
export class BatchRows {
  readonly #sql: SqlStorage;
  readonly #rows: RecordTable<BatchEntry, RegisterFilters>;
  readonly kept: KeptRows;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.kept = new KeptRows(sql);
    this.#rows = new RecordTable(sql, batchesTable);
  }

  /** Keeps a report, unless a newer one is known or the batch was removed. */
  report(entry: BatchEntry, now: number): void {
    // The first one has nothing to replace. One that is not kept is taken in only where there is none at all.
    if (entry.version === 0 || !this.#replace(entry))
      this.#rows.insert(entry, this.#rows.nextSeq(now));
  }

  /** Keeps a whole batch, once; see `KeptBatches.keep`. */
  keep(entry: BatchEntry, batch: string, now: number): JobSummary | "full" | null {
    const { isFull } = this.kept;
    const beside = { kept: batch };
    if (!isFull && this.#rows.insert(entry, this.#rows.nextSeq(now), { beside })) return null;
    return this.keptSummary(entry.id, now) ?? (isFull ? "full" : null);
  }

  /** The status of a batch that is kept and not handed over; null for any other. */
  keptSummary(id: string, now: number): JobSummary | null {
    const kept = this.kept.find(id, now);
    return kept && summarizeKept(kept, now);
  }

  /** Removes a batch that is kept whole; see `KeptBatches.removeKept`. */
  removeKept(
    id: string,
    { requestId = "removal", shown }: Steered,
    now: number,
  ): Refusal | boolean | null {
    if (!isKeptId(id)) return null;
    const summary = this.keptSummary(id, now);
    if (summary === null) return this.#rows.deletedBy(id) === requestId ? true : null;
    return showsOther(summary, id, shown) ? CHANGED_SINCE : this.remove(id, requestId, now);
  }

  /** Replaces an older entry: the job's state has changed since, or more items have ended. */
  #replace(entry: BatchEntry): boolean {
    const { version, succeeded, failed, id } = entry;
    const { status, label, expires_at } = batchesTable.columns(entry);
    // The columns alone that can change: each index of another one would be written as well.
    const { rowsWritten } = this.#sql.exec(
      `UPDATE batches SET version = ?2, status = ?3, label = ?4, expires_at = ?5, record = ?6,
         handed_over = NULL, kept = NULL
       WHERE id = ?1 AND (version < ?2 OR (version = ?2 AND ?7 >
         json_extract(record, '$.succeeded') + json_extract(record, '$.failed')))`,
      id,
      version,
      status ?? null,
      label ?? null,
      expires_at ?? null,
      JSON.stringify(entry),
      succeeded + failed,
    );
    return rowsWritten > 0;
  }

  page(query: PageQuery<BatchFilters>, now: number): RecordPage {
    return this.#rows.page({ ...query, filters: { ...query.filters, now } });
  }

  /** Removes a batch for good. Returns false if it was not listed, unless the same request has removed it before. */
  remove(id: string, requestId: string, now: number): boolean {
    const isListed = this.#rows.read(id) !== null;
    if (!isListed && this.#rows.deletedBy(id) === requestId) return true;
    this.#rows.delete(id, requestId, now);
    return isListed;
  }

  /** Counts a batch that has a job among those of which something is left to do. */
  watch(id: string): void {
    this.#sql.exec("UPDATE batches SET expires_at = NULL WHERE id = ? AND kept IS NULL", id);
  }

  /** Takes off a batch that has no job, and whose job cannot be on its way any more. */
  drop(id: string, now: number): void {
    this.#sql.exec("DELETE FROM batches WHERE id = ? AND created_at <= ?", id, now - ON_ITS_WAY_MS);
  }

  /** The ids of batches of which something is left to do: they have not ended, or they have expired. */
  restless(now: number): string[] {
    return idsOf(
      this.#sql,
      `SELECT id FROM batches WHERE expires_at IS NULL
       UNION ALL SELECT id FROM batches WHERE expires_at <= ?`,
      now,
    );
  }

  /** The instant from which a batch is restless, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextRestless(): number {
    // The index begins with those that have no time.
    const [first] = this.#sql
      .exec<{ at: number | null }>(
        "SELECT expires_at AS at FROM batches ORDER BY expires_at LIMIT 1",
      )
      .toArray();
    return first === undefined ? Infinity : (first.at ?? 0);
  }
}
