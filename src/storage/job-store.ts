// Stores a job in its Durable Object's SQLite; `job-rows.ts` has the tables, `job-values.ts` the small values.
//
// The key `job` of the synchronous key-value table is the record, written with each decision. Writer: the job alone.
// Lifetime: until `expiresAt`, then everything is deleted.
import { makesRecords } from "../domain/batches/batch-operations";
import type { Announcement, BatchWork, NewChunk } from "../domain/batches/job-record";
import {
  NEVER_RUN,
  type Chunk,
  type ChunkStore,
  type Counts,
  type ItemError,
  type ItemState,
} from "../domain/jobs/job";
import type { JobRecord } from "../domain/jobs/job-record";
import { ROW_BYTES } from "../domain/platform";
import type { ResultsQuery } from "../domain/batches/results";
import { readOutputs, readResults, wholeState, type ResultRows } from "./job-results";
import { ItemIds } from "./item-ids";
import { JOB_SCHEMA, readRecord } from "./job-rows";
import { parseStates, writeStates } from "./job-states";
import { JobValues } from "./job-values";
import { hasSucceeded, readCounts, readTally, sumOf, tally } from "./job-tally";

/** A row of `chunks`, with the states of its items. */
type ChunkRow = { first: number; items: string; states: string | null };

/** Bytes of `states` in a row, leaving room for the small columns. */
const MAX_STATES_BYTES = ROW_BYTES - 100_000;

/** The rows of a job. All methods are synchronous, so each is atomic. */
export class JobStore extends JobValues implements ChunkStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #ids: ItemIds;
  #record: JobRecord<BatchWork> | undefined;
  /** Counted once in an object's life, then updated: polling a large job must not read all of its rows. */
  #counts: Counts | null = null;
  #bytes = 0;

  constructor(storage: DurableObjectStorage) {
    super(storage.kv);
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#ids = new ItemIds(storage.sql);
  }

  /** The job, or undefined before the submit, when the tables may not exist either. */
  get job(): JobRecord<BatchWork> | undefined {
    this.#record ??= this.#read();
    return this.#record;
  }

  set job(job: JobRecord<BatchWork>) {
    if (job === this.#record) return;
    this.#storage.kv.put("job", job);
    this.#record = job;
  }

  /** The record of this object, whatever version stored it. */
  get stored(): unknown {
    return this.#storage.kv.get("job");
  }

  /** Deletes all chunks. */
  clear(): void {
    this.#sql.exec(JOB_SCHEMA);
    this.#sql.exec("DELETE FROM chunks");
    this.#ids.clear();
    this.#counts = null;
  }

  override forget(): void {
    super.forget();
    this.#record = undefined;
    this.#counts = null;
  }

  /** Stores chunks. Repeating it changes nothing; chunks from the first item on replace all of an earlier upload. */
  append(chunks: readonly NewChunk[]): void {
    this.#counts = null;
    if (chunks[0]?.first === 0) this.clear();
    else this.#sql.exec(JOB_SCHEMA);
    for (const { first, size, items, ids } of chunks) {
      if (ids !== undefined) this.#ids.append(first, ids);
      this.#sql.exec(
        "INSERT OR IGNORE INTO chunks (first, size, items) VALUES (?, ?, ?)",
        first,
        size,
        items,
      );
    }
  }

  unfinished(): number[] {
    return this.#sql
      .exec<{ first: number }>(
        `SELECT c.first FROM chunks c LEFT JOIN progress p ON p.first = c.first
         WHERE p.pending IS NULL OR p.pending > 0 ORDER BY c.first`,
      )
      .toArray()
      .map(({ first }) => first);
  }

  load(first: number): Chunk {
    const row = this.#sql
      .exec<ChunkRow>(
        `SELECT c.first, c.items, p.states FROM chunks c LEFT JOIN progress p ON p.first = c.first
         WHERE c.first = ?`,
        first,
      )
      .one();
    // Not validated, since only the store writes these columns.
    const items = JSON.parse(row.items) as unknown[];
    return { first, items, states: row.states === null ? null : parseStates(row.states) };
  }

  save(
    { first, items }: Omit<Chunk, "states">,
    states: readonly ItemState[],
    now: number,
  ): ItemState[] {
    // The job was deleted while the chunk was run.
    if (this.job === undefined) return [...states];
    const before = this.counts();
    const { json, states: kept, large } = writeStates(states, MAX_STATES_BYTES);
    const bytes = large.reduce((sum, [, text]) => sum + text.length, 0);
    const [was, is] = [readTally(this.#sql, first), tally(states)];
    this.#storage.transactionSync(() => {
      for (const [offset, text] of large)
        this.#sql.exec("REPLACE INTO outputs (item, state) VALUES (?, ?)", first + offset, text);
      this.#sql.exec(
        `INSERT INTO progress (first, pending, succeeded, failed, bytes, saved_at, codes, states)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (first) DO UPDATE SET pending = ?2, succeeded = ?3, failed = ?4,
         bytes = bytes + ?5, saved_at = ?6, codes = ?7, states = ?8`,
        first,
        states.length - is.succeeded - is.failed,
        is.succeeded,
        is.failed,
        bytes,
        now,
        is.failed === 0 ? null : JSON.stringify(is.failedByCode),
        json,
      );
      this.#blank(first, items, states, is.succeeded - was.succeeded);
    });
    this.#bytes += bytes;
    this.#counts = {
      succeeded: before.succeeded + is.succeeded - was.succeeded,
      failed: before.failed + is.failed - was.failed,
      failedByCode: sumOf([
        [before.failedByCode, 1],
        [was.failedByCode, -1],
        [is.failedByCode, 1],
      ]),
      lastResultAt: Math.max(now, before.lastResultAt ?? 0),
    };
    return kept;
  }

  /** Characters of all results that are large. */
  get largeCharacters(): number {
    this.counts();
    return this.#bytes;
  }

  /** Drops items that have made a record: what it holds is the table's, and is erased there. */
  #blank(first: number, items: readonly unknown[], states: readonly ItemState[], fresh: number) {
    if (fresh === 0 || !makesRecords(this.job?.work.operation)) return;
    const left = items.map((item, offset) => (hasSucceeded(states[offset]) ? null : item));
    this.#sql.exec("UPDATE chunks SET items = ? WHERE first = ?", JSON.stringify(left), first);
  }

  counts(): Counts {
    if (this.#counts === null)
      ({ counts: this.#counts, bytes: this.#bytes } = readCounts(this.#sql));
    return this.#counts;
  }

  /**
   * Gives failed items back as if they had never been run.
   *
   * @returns how many
   */
  restart(isChosen: (index: number, error: ItemError) => boolean, now: number): number {
    let restarted = 0;
    try {
      this.#storage.transactionSync(() => {
        const rows = this.#sql.exec<{ first: number }>(
          "SELECT first FROM progress WHERE failed > 0 ORDER BY first",
        );
        // One chunk after another, since all of them may not fit into memory.
        for (const { first } of rows.toArray()) restarted += this.#restartIn(first, isChosen, now);
      });
    } finally {
      // The rows changed, or the transaction was rolled back: the cached counts are invalid.
      this.#counts = null;
    }
    return restarted;
  }

  /** Fails items that are pending: all of them, or with `isFirst` those of the first chunk that has any. */
  giveUp(error: ItemError, now: number, isFirst = false): void {
    const firsts = isFirst ? this.unfinished().slice(0, 1) : this.unfinished();
    for (const first of firsts) {
      const { items, states } = this.load(first);
      const given = (states ?? items.map(() => NEVER_RUN)).map((state): ItemState =>
        state.status === "pending" ? { status: "failed", attempts: state.attempts, error } : state,
      );
      this.save({ first, items }, given, now);
    }
  }

  #restartIn(
    first: number,
    isChosen: (index: number, error: ItemError) => boolean,
    now: number,
  ): number {
    const { items, states } = this.load(first);
    let restarted = 0;
    const after = (states ?? []).map((state, offset) => {
      const whole = wholeState(this.#sql, first + offset, state);
      if (whole.status !== "failed" || !isChosen(first + offset, whole.error)) return state;
      restarted += 1;
      return NEVER_RUN;
    });
    if (restarted > 0) this.save({ first, items }, after, now);
    return restarted;
  }

  /** A page of results; see `readResults`. */
  results(query: ResultsQuery): ResultRows {
    const isOver = this.job?.finishedAt !== null;
    return readResults(this.#sql, this.#ids, { ...query, isOver });
  }

  /** The outputs of all items that have succeeded, in input order, each read when it is its turn. */
  outputs(): Generator {
    return readOutputs(this.#sql);
  }

  /** The indexes of the items with these ids. */
  indexesOf(ids: readonly string[]): ReadonlySet<number> {
    return this.#ids.indexesOf(new Set(ids));
  }

  #read(): JobRecord<BatchWork> | undefined {
    const found = readRecord(this.stored);
    if (found?.migration !== undefined) this.#migrate(found.record, found.migration);
    return found?.record;
  }

  #migrate(record: JobRecord<BatchWork>, sql: string): void {
    const { announcement }: { readonly announcement?: Announcement } = Object(this.stored);
    this.#storage.transactionSync(() => {
      this.#sql.exec(sql);
      if (announcement !== undefined) this.announcements = [announcement];
      this.#storage.kv.put("job", record);
    });
  }
}
