// The batches that the register keeps whole, in the rows of their entries (`batches.ts`).
import { summarizeJob, type JobSummary } from "../domain/batches/batch";
import { isKeptId, type KeptBatch } from "../domain/batches/kept-batch";
import type { ResultsQuery, StoredPage } from "../domain/batches/results";
import { readResults, type ResultSource } from "./job-results";

type Row = { kept: string; states: ArrayBuffer; items: ArrayBuffer };
/** The part of a batch that is in column `kept`, as JSON. */
type Head = Pick<KeptBatch, "record" | "counts"> & Pick<KeptBatch["chunk"], "size" | "ids">;

const decoder = new TextDecoder();

/** Bytes of the whole register beyond which batches become jobs: objects of their own. */
const MAX_DATABASE_BYTES = 1024 * 1024 * 1024;

/** The columns of a batch that is kept. */
export function keptColumns({ record, counts, chunk, states }: KeptBatch) {
  const { items, size, ids } = chunk;
  const head: Head = { record, counts, size, ...(ids !== undefined && { ids }) };
  return { kept: JSON.stringify(head), states, items };
}

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

  /** True for a batch that is kept and not handed over. */
  has(id: string): boolean {
    return isKeptId(id) && this.#head(id, -Infinity) !== null;
  }

  /** The status of a batch that is kept and not handed over; null for any other. */
  summary(id: string, now: number): JobSummary | null {
    const head = this.#head(id, now);
    return head && toSummary(head, now);
  }

  /** A page of its results. */
  results(id: string, query: ResultsQuery, now: number): StoredPage | null {
    const kept = this.#read(id, "is_handed_over IS NULL", now);
    if (kept === null) return null;
    const page = readResults(sourceOf(kept), { ...query, isOver: true, makesRecords: false });
    return { ...page, summary: toSummary(kept, now) };
  }

  /** The whole batch, which is the business of its job from now on; null if there is none. */
  handOver(id: string, isWanted: boolean, now: number): KeptBatch | null {
    const kept = this.#read(id, isWanted ? "TRUE" : "is_handed_over IS NOT NULL", now);
    if (kept !== null && isWanted)
      this.#sql.exec("UPDATE batches SET is_handed_over = 1 WHERE id = ?", id);
    return kept;
  }

  #head(id: string, now: number): Head | null {
    const rows = this.#sql.exec<{ kept: string }>(
      "SELECT kept FROM batches WHERE id = ? AND kept IS NOT NULL AND is_handed_over IS NULL",
      id,
    );
    for (const { kept } of rows) return parse(kept, now);
    return null;
  }

  #read(id: string, condition: string, now: number): KeptBatch | null {
    const rows = this.#sql.exec<Row>(
      `SELECT kept, states, items FROM batches WHERE id = ? AND kept IS NOT NULL AND ${condition}`,
      id,
    );
    for (const { kept, states, items } of rows) {
      const head = parse(kept, now);
      if (head === null) return null;
      const { record, counts, ...chunk } = head;
      const given = { first: 0, items: new Uint8Array(items), ...chunk };
      return { record, counts, chunk: given, states: new Uint8Array(states) };
    }
    return null;
  }
}

function sourceOf({ chunk: { first, size, items, ids }, states }: KeptBatch): ResultSource {
  return {
    rows: () => [
      { first, size, states: decoder.decode(states), items: `[${decoder.decode(items)}]` },
    ],
    idsOf: () => (ids === undefined ? null : JSON.parse(ids)),
    whole: (_, state) => state,
    end: () => size,
  };
}

/** Not validated, since only `keptColumns` makes it. Null once it has expired. */
function parse(kept: string, now: number): Head | null {
  const head = JSON.parse(kept) as Head;
  return head.record.expiresAt > now ? head : null;
}

function toSummary({ record, counts }: Pick<KeptBatch, "record" | "counts">, now: number) {
  return summarizeJob(record, { counts, waiting: null, outputSummary: null }, now);
}
