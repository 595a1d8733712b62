// Stores a job in its Durable Object's SQLite.
//
// Key `job` (synchronous key-value table): the JobRecord, written on submit, on every change of status,
// and at the beginning and end of each slice.
// Table `chunks`: hundreds of items a row, so that 10,000 items cost tens of rows written. `items` is a
// JSON array, with null in place of those that have made a record; `states` one too, or `{attempts, outputs}`
// where all have succeeded alike; `due_at` is NULL once every item is finished. Writer: the job alone.
// Key `stage`: the name of the chunks that were stored before the submit.
// Lifetime: until `expiresAt`, then everything is deleted.
import type { ItemResult } from "../domain/batches/batch";
import {
  dueAt,
  NEVER_RUN,
  type Chunk,
  type ChunkStore,
  type ItemState,
  type JobErrorCode,
} from "../domain/jobs/job";
import type { JobRecord, NewChunk } from "../domain/batches/job-record";
import { toChunk, toStored, type ChunkRow, type StoredChunk } from "./chunk-row";
import { readResults } from "./job-results";
import { ITEM_IDS_SCHEMA, ItemIds } from "./item-ids";
import { ROW_BYTES } from "../domain/platform";

type Counts = { succeeded: number; failed: number; lastResultAt: number | null };

/** Bytes of `items` and `states` in a row, leaving room for the small columns. */
const MAX_ROW_BYTES = ROW_BYTES - 100_000;
/** Bytes that `items` never exceeds, so that states up to the rest fit without counting the items. */
const MAX_ITEMS_BYTES = 1_600_000;

const NONE: ReadonlySet<number> = new Set();

// The small columns come first, since reading a column that follows a long text means reading the text. The
// index holds unfinished chunks only, and saves a scan over all finished ones for every chunk.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunks (
    first INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    due_at INTEGER,
    succeeded INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    saved_at INTEGER,
    items TEXT NOT NULL,
    states TEXT
  );
  ${ITEM_IDS_SCHEMA}
  CREATE INDEX IF NOT EXISTS due ON chunks (due_at) WHERE due_at IS NOT NULL`;

/** The rows of a job. All methods are synchronous, so each is atomic. */
export class JobStore implements ChunkStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #ids: ItemIds;
  /** Counted once in an object's life, then updated: polling a large job must not read all of its rows. */
  #counts: Counts | null = null;
  /** Chunks that were restarted by the user, and not handed out since. */
  readonly #restarted = new Set<number>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#ids = new ItemIds(storage.sql);
  }

  /** The job, or undefined before the submit, when the table may not exist either. */
  get job(): JobRecord | undefined {
    return this.#storage.kv.get<JobRecord>("job");
  }

  set job(job: JobRecord) {
    this.#storage.kv.put("job", job);
  }

  /** The name of the items that were stored for a submit; undefined if none were. */
  get stage(): string | undefined {
    return this.#storage.kv.get<string>("stage");
  }

  set stage(stage: string) {
    this.#storage.kv.put("stage", stage);
  }

  /** Deletes all chunks. */
  clear(): void {
    this.#counts = null;
    this.#sql.exec(SCHEMA);
    this.#sql.exec("DELETE FROM chunks");
    this.#ids.clear();
  }

  /** Stores chunks, due at once. Repeating it changes nothing. */
  append(chunks: readonly NewChunk[]): void {
    this.#counts = null;
    this.#sql.exec(SCHEMA);
    for (const { first, size, items, ids } of chunks) {
      if (ids !== undefined) this.#ids.append(first, ids);
      this.#sql.exec(
        "INSERT OR IGNORE INTO chunks (first, size, due_at, items) VALUES (?, ?, 0, ?)",
        first,
        size,
        items,
      );
    }
  }

  nextDue(now: number, taken: ReadonlySet<number>): Chunk | null {
    const chunk = this.#findDue(now, taken);
    if (chunk !== null) this.#restarted.delete(chunk.first);
    return chunk;
  }

  #findDue(now: number, taken: ReadonlySet<number>): Chunk | null {
    // Numbers of ours, inlined into the statement, since they can exceed the limit of 100 bound parameters.
    const rows = this.#sql.exec<ChunkRow>(
      `SELECT first, items, states FROM chunks
       WHERE due_at <= ? AND first NOT IN (${[...taken].join(",")}) ORDER BY due_at, first LIMIT 1`,
      now,
    );
    for (const row of rows) return toChunk(row);
    return null;
  }

  saveInPlace(chunk: Chunk, states: readonly ItemState[], now: number): boolean {
    const row = this.#rowOf(chunk, states);
    const canStay = row !== null && this.#fits(chunk, row.states);
    if (canStay) this.#write(chunk, states, row, now);
    return canStay;
  }

  /** A chunk as it is stored. Null if the job was removed while the chunk ran, or the chunk has to run again. */
  #rowOf(chunk: Chunk, states: readonly ItemState[]): StoredChunk | null {
    const job = this.#restarted.has(chunk.first) ? undefined : this.job;
    return job === undefined ? null : toStored(job, chunk, states);
  }

  save(chunk: Chunk, states: readonly ItemState[], now: number): void {
    const row = this.#rowOf(chunk, states);
    if (row === null) return;
    if (this.#fits(chunk, row.states)) this.#write(chunk, states, row, now);
    else if (states.length > 1) this.#saveInHalves(chunk, states, now);
    else this.save(chunk, states.map(tooLarge), now);
  }

  #fits({ first }: Chunk, states: string): boolean {
    // A UTF-16 code unit takes at most three bytes, so most states need no exact count.
    if (states.length * 3 <= MAX_ROW_BYTES - MAX_ITEMS_BYTES) return true;
    const { bytes } = this.#sql
      .exec<{ bytes: number }>(
        "SELECT octet_length(items) AS bytes FROM chunks WHERE first = ?",
        first,
      )
      .one();
    return bytes + new TextEncoder().encode(states).length <= MAX_ROW_BYTES;
  }

  #write({ first }: Chunk, states: readonly ItemState[], row: StoredChunk, now: number): void {
    const counts = this.counts();
    const before = this.#sql
      .exec<Omit<Counts, "lastResultAt">>(
        "SELECT succeeded, failed FROM chunks WHERE first = ?",
        first,
      )
      .one();
    const succeeded = states.filter(({ status }) => status === "succeeded").length;
    const failed = states.filter(({ status }) => status === "failed").length;
    this.#sql.exec(
      `UPDATE chunks SET due_at = ?, succeeded = ?, failed = ?, saved_at = ?, states = ?
       ${row.items === null ? "" : ", items = ?"} WHERE first = ?`,
      dueAt(states),
      succeeded,
      failed,
      now,
      row.states,
      ...(row.items === null ? [] : [row.items]),
      first,
    );
    this.#counts = {
      succeeded: counts.succeeded + succeeded - before.succeeded,
      failed: counts.failed + failed - before.failed,
      lastResultAt: Math.max(now, counts.lastResultAt ?? 0),
    };
  }

  /** Splits a chunk into two rows if its results are too large for one. */
  #saveInHalves({ first, items }: Chunk, states: readonly ItemState[], now: number): void {
    const middle = Math.ceil(states.length / 2);
    const halves = [
      { first, items: items.slice(0, middle), states: states.slice(0, middle) },
      { first: first + middle, items: items.slice(middle), states: states.slice(middle) },
    ];
    this.#inTransaction(() => {
      this.#sql.exec("DELETE FROM chunks WHERE first = ?", first);
      for (const half of halves) {
        this.append([
          { first: half.first, size: half.items.length, items: JSON.stringify(half.items) },
        ]);
        this.save(half, half.states, now);
      }
    });
  }

  /** Counts of finished items, and the instant when the last one finished. */
  counts(): Counts {
    this.#counts ??= this.#sql
      .exec<Counts>(
        `SELECT COALESCE(SUM(succeeded), 0) AS succeeded, COALESCE(SUM(failed), 0) AS failed,
         MAX(saved_at) AS lastResultAt FROM chunks`,
      )
      .one();
    return this.#counts;
  }

  nextDueAt(taken: ReadonlySet<number> = NONE): number | null {
    return this.#sql
      .exec<{ at: number | null }>(
        `SELECT MIN(due_at) AS at FROM chunks
         WHERE due_at IS NOT NULL AND first NOT IN (${[...taken].join(",")})`,
      )
      .one().at;
  }

  /** Rewrites the states of the chunks that match, in one transaction. */
  revise(
    which: "failed > 0" | "due_at IS NOT NULL",
    limit: number,
    change: (state: ItemState) => ItemState,
  ): void {
    this.#inTransaction(() => {
      const rows = this.#sql.exec<{ first: number }>(
        `SELECT first FROM chunks WHERE ${which} ORDER BY first LIMIT ?`,
        limit,
      );
      // One chunk after another, since all of them may not fit into memory.
      for (const { first } of rows.toArray()) {
        const chunk = this.#chunk(first);
        const states = chunk.states ?? chunk.items.map(() => NEVER_RUN);
        this.save(chunk, states.map(change), Date.now());
      }
    });
  }

  /** Makes one item due as if it had never been run. Its chunk must contain no other. */
  restart(first: number): void {
    const rows = this.#sql.exec<ChunkRow>(
      "SELECT first, items, states FROM chunks WHERE first = ?",
      first,
    );
    for (const chunk of rows.toArray().map(toChunk)) this.save(chunk, [NEVER_RUN], Date.now());
    // The result of an attempt that is still in progress must not count as that of the restart.
    this.#restarted.add(first);
  }

  /** Every item with its state, for jobs of a few items. */
  entries(): { readonly item: unknown; readonly state: ItemState }[] {
    const rows = this.#sql.exec<ChunkRow>("SELECT first, items, states FROM chunks ORDER BY first");
    return rows
      .toArray()
      .map(toChunk)
      .flatMap(({ items, states }) =>
        items.map((item, at) => ({ item, state: states?.[at] ?? NEVER_RUN })),
      );
  }

  #inTransaction(write: () => void): void {
    try {
      this.#storage.transactionSync(write);
    } finally {
      // The rows changed, or the transaction was rolled back: the cached counts are invalid.
      this.#counts = null;
    }
  }

  #chunk(first: number): Chunk {
    return toChunk(
      this.#sql
        .exec<ChunkRow>("SELECT first, items, states FROM chunks WHERE first = ?", first)
        .one(),
    );
  }

  /** Results of finished items; see `readResults`. */
  results(from: number, limit: number, only: ItemResult["status"] | null) {
    return readResults(this.#sql, from, limit, only);
  }
}

/** The failure of an item that does not fit into a row together with its result. */
function tooLarge({ attempts }: ItemState): ItemState {
  const detail = `The item and its result together have more than ${MAX_ROW_BYTES} bytes as JSON.`;
  const code = "result-too-large" satisfies JobErrorCode;
  return { status: "failed", attempts, error: { code, detail } };
}
