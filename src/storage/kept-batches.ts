// The batches that the register keeps whole: `KeptBatch` as JSON, in the rows of their entries (`batches.ts`),
// in one column before and in another after they are handed over to their jobs.
import { isKeptId, summarizeKept, type KeptBatch } from "../domain/batches/kept-batch";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import { readResults } from "./job-results";

/** Bytes of the whole register beyond which batches become jobs: objects of their own. */
const MAX_DATABASE_BYTES = 1024 * 1024 * 1024;

type Column = "kept" | "handed_over";

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
    const kept = isKeptId(id) ? this.#read(id, "kept") : null;
    return kept && kept.record.expiresAt > now;
  }

  /** A batch that is kept and not handed over; null for any other. */
  find(id: string, now: number, column: Column = "kept"): KeptBatch | null {
    const kept = this.#read(id, column);
    return kept !== null && kept.record.expiresAt > now ? kept : null;
  }

  /** Its status, with a page of its results; see `KeptBatches.readKept`. */
  page(id: string, query: ResultsQuery | null, now: number): StoredPage | null {
    const kept = this.find(id, now);
    if (kept === null) return null;
    const summary = summarizeKept(kept, now);
    return { ...(query === null ? { lines: "", next: null } : resultsOf(kept, query)), summary };
  }

  /** The whole batch, which is the business of its job from now on; see `KeptBatches.handOver`. */
  handOver(id: string, isWanted: boolean, now: number): KeptBatch | null {
    if (isWanted)
      this.#sql.exec(
        "UPDATE batches SET handed_over = kept, kept = NULL WHERE id = ? AND kept IS NOT NULL",
        id,
      );
    return this.find(id, now, "handed_over");
  }

  #read(id: string, column: Column): KeptBatch | null {
    const rows = this.#sql.exec<{ json: string | null }>(
      `SELECT ${column} AS json FROM batches WHERE id = ?`,
      id,
    );
    // Not validated, since only `keepBatch` makes it.
    for (const { json } of rows) return JSON.parse(json ?? "null") as KeptBatch | null;
    return null;
  }
}

function resultsOf({ record, items, ids, states }: KeptBatch, query: ResultsQuery) {
  const size = record.total;
  const source = {
    rows: () => [{ first: 0, size, states, items }],
    idsOf: () => (ids === undefined ? null : JSON.parse(ids)),
    whole: <State>(_: number, state: State) => state,
    end: () => size,
  };
  return readResults(source, { ...query, isOver: true, makesRecords: false });
}
