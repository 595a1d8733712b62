// The batches that the register keeps whole: `KeptBatch` as JSON, in the rows of their entries (`batches.ts`).
import { summarizeJob, type JobSummary } from "../domain/batches/batch";
import { isKeptId, type KeptBatch } from "../domain/batches/kept-batch";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import { readResults } from "./job-results";

/** Bytes of the whole register beyond which batches become jobs: objects of their own. */
const MAX_DATABASE_BYTES = 1024 * 1024 * 1024;

/** SQL that is true for a batch that is not handed over. */
const KEPT = "is_handed_over IS NULL";

/** The whole batches. All methods are synchronous. */
export class KeptRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** True if there is no room for another. */
  get isFull(): boolean {
    return this.#sql.databaseSize > MAX_DATABASE_BYTES;
  }

  /** True while a batch is kept, and false once it has expired; null for one that is not kept, or handed over. */
  isAlive(id: string, now: number): boolean | null {
    const kept = isKeptId(id) ? this.#read(id, KEPT) : null;
    return kept && kept.record.expiresAt > now;
  }

  /** The status of a batch that is kept and not handed over; null for any other. */
  summary(id: string, now: number): JobSummary | null {
    const kept = this.#find(id, KEPT, now);
    return kept && toSummary(kept, now);
  }

  /** A page of its results. */
  results(id: string, query: ResultsQuery, now: number): StoredPage | null {
    const kept = this.#find(id, KEPT, now);
    if (kept === null) return null;
    const { record, items, ids, states } = kept;
    const size = record.total;
    const source = {
      rows: () => [{ first: 0, size, states, items }],
      idsOf: () => (ids === undefined ? null : JSON.parse(ids)),
      whole: <State>(_: number, state: State) => state,
      end: () => size,
    };
    const page = readResults(source, { ...query, isOver: true, makesRecords: false });
    return { ...page, summary: toSummary(kept, now) };
  }

  /** The whole batch, which is the business of its job from now on; see `KeptBatches.handOver`. */
  handOver(id: string, isWanted: boolean, now: number): KeptBatch | null {
    const kept = this.#find(id, isWanted ? "TRUE" : "is_handed_over IS NOT NULL", now);
    if (kept !== null && isWanted)
      this.#sql.exec("UPDATE batches SET is_handed_over = 1 WHERE id = ?", id);
    return kept;
  }

  #find(id: string, condition: string, now: number): KeptBatch | null {
    const kept = this.#read(id, condition);
    return kept !== null && kept.record.expiresAt > now ? kept : null;
  }

  #read(id: string, condition: string): KeptBatch | null {
    const rows = this.#sql.exec<{ kept: string }>(
      `SELECT kept FROM batches WHERE id = ? AND kept IS NOT NULL AND ${condition}`,
      id,
    );
    // Not validated, since only `keepBatch` makes it.
    for (const { kept } of rows) return JSON.parse(kept) as KeptBatch;
    return null;
  }
}

function toSummary({ record, counts }: KeptBatch, now: number): JobSummary {
  return summarizeJob(record, { counts, waiting: null, outputSummary: null }, now);
}
