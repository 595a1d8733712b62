// Stores a job in its Durable Object's SQLite; `job-rows.ts` has the tables, `record-row.ts` that of the record, written
// with each decision, `job-values.ts` the small values. Lifetime: until `expiresAt`, then everything is deleted.
import { makesRecords } from "../domain/batches/batch-operations";
import type { Announcement, BatchWork, NewChunk } from "../domain/batches/job-record";
import {
  givenBack,
  NEVER_RUN,
  type Chunk,
  type ChunkStore,
  type Counts,
  type EndedState,
  type ItemError,
  type ItemState,
} from "../domain/jobs/job";
import { codeOf, hasSucceeded } from "../domain/jobs/counted";
import { chosenRun, holdOthers, releaseHeld } from "../domain/jobs/held";
import type { JobRecord } from "../domain/jobs/job-record";
import { ROW_BYTES } from "../domain/platform";
import { mayConcern, type ChosenItems } from "../domain/batches/retry-choice";
import type { ResultsQuery } from "../domain/batches/results";
import { jobSource, readOutputs, readResults, type ResultRows } from "./job-results";
import { ItemIds } from "./item-ids";
import { JobCounts } from "./job-counts";
import { itemsOf, JOB_SCHEMA, readRecord } from "./job-rows";
import { parseStates, writeStates } from "./job-states";
import { LargeResults } from "./large-results";
import { readRecordRow, writeRecordRow } from "./record-row";
import { JobValues } from "./job-values";
import { tally } from "./job-tally";

/** A row of `chunks`, with the states of its items. */
type ChunkRow = { first: number; size: number; items: string; states: string | null };

/** Bytes of `states` in a row, leaving room for the small columns. */
const MAX_STATES_BYTES = ROW_BYTES - 100_000;

/** The rows of a job. All methods are synchronous, so each is atomic. */
export class JobStore extends JobValues implements ChunkStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #ids: ItemIds;
  /** Null if there is none, undefined if that is not known. */
  #record: JobRecord<BatchWork> | null | undefined;
  readonly #counts: JobCounts;
  readonly #large: LargeResults;

  constructor(storage: DurableObjectStorage) {
    super(storage.kv);
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#ids = new ItemIds(storage.sql);
    this.#counts = new JobCounts(storage.sql);
    this.#large = new LargeResults(storage.sql);
  }

  /** The job, or undefined before the submit, when the tables may not exist either. */
  get job(): JobRecord<BatchWork> | undefined {
    if (this.#record === undefined) this.#record = this.#read() ?? null;
    return this.#record ?? undefined;
  }

  set job(job: JobRecord<BatchWork>) {
    if (job === this.#record) return;
    writeRecordRow(this.#storage, job);
    this.#record = job;
  }

  /** Saves the end of a run with its event: were it saved alone, the next attempt at the end would tell it again. */
  end(job: JobRecord<BatchWork>, event: Announcement): void {
    this.#storage.transactionSync(() => {
      this.announcements = [...this.announcements, event];
      this.job = job;
    });
  }

  /** The record of this object, whatever version stored it. */
  get stored(): unknown {
    return readRecordRow(this.#storage);
  }

  /** Deletes all chunks. */
  clear(): void {
    // One script: the first statement of a new object costs most.
    this.#sql.exec(`DROP TABLE IF EXISTS chunks; DROP TABLE IF EXISTS ids; ${JOB_SCHEMA}`);
    this.#counts.forget();
  }

  override forget(): void {
    super.forget();
    this.#record = undefined;
    this.#counts.forget();
  }

  /** Stores chunks. Repeating it changes nothing; chunks from the first item on replace all of an earlier upload. */
  append(chunks: readonly NewChunk[]): void {
    if (chunks[0]?.first === 0) this.clear();
    else this.#sql.exec(JOB_SCHEMA);
    this.#counts.begin();
    for (const { first, size, items, ids } of chunks) {
      this.#counts.noteUnsaved(first);
      if (ids !== undefined) this.#ids.append(first, ids);
      this.#sql.exec(
        "INSERT OR IGNORE INTO chunks (first, size, items) VALUES (?, ?, '[' || CAST(? AS TEXT) || ']')",
        first,
        size,
        items,
      );
    }
  }

  unfinished(): number[] {
    const rows = this.#sql.exec<{ first: number }>(
      `SELECT c.first FROM chunks c LEFT JOIN progress p ON p.first = c.first
       WHERE p.pending > 0 OR (?1 AND p.pending IS NULL) ORDER BY c.first`,
      // A chunk that was never saved has no item that was chosen.
      this.#chosenRun === null ? 1 : 0,
    );
    return Array.from(rows, ({ first }) => first);
  }

  load(first: number): Chunk {
    return holdOthers(this.#load(first), this.#chosenRun);
  }

  get #chosenRun(): number | null {
    return this.job === undefined ? null : chosenRun(this.job);
  }

  #load(first: number): Chunk {
    const row = this.#sql
      .exec<ChunkRow>(
        `SELECT c.first, c.size, c.items, p.states FROM chunks c LEFT JOIN progress p ON p.first = c.first
         WHERE c.first = ?`,
        first,
      )
      .one();
    const states = row.states === null ? null : parseStates(row.states);
    if (states === null) this.#counts.noteUnsaved(first);
    return { first, items: itemsOf(row), states };
  }

  save(
    { first, items }: Omit<Chunk, "states">,
    given: readonly ItemState[],
    now: number,
    isNew = false,
  ): ItemState[] {
    // The job was deleted while the chunk was run.
    if (this.job === undefined && !isNew) return [...given];
    const states = releaseHeld(given);
    const { json, states: kept, large } = writeStates(states, MAX_STATES_BYTES);
    const was = this.#counts.of(first);
    const is = tally(states);
    const isBlanked = is.succeeded > was.succeeded && makesRecords(this.job?.work.operation);
    // A row that no saved chunk tells of is overwritten when its item is run again.
    for (const [offset, state] of large) this.#large.keep(first + offset, state);
    const bytes = this.#large.takeBytes();
    const write = () => {
      this.#sql.exec(
        `INSERT INTO progress (first, pending, succeeded, failed, bytes, saved_at, codes, states)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CAST(?8 AS TEXT))
         ON CONFLICT (first) DO UPDATE SET pending = ?2, succeeded = ?3, failed = ?4,
         bytes = bytes + ?5, saved_at = ?6, codes = ?7, states = CAST(?8 AS TEXT)`,
        first,
        states.length - is.succeeded - is.failed,
        is.succeeded,
        is.failed,
        bytes,
        now,
        is.failed === 0 ? null : JSON.stringify(is.failedByCode),
        json,
      );
      if (isBlanked) this.#blank(first, items, states);
    };
    // A single statement is atomic by itself.
    if (isBlanked) this.#storage.transactionSync(write);
    else write();
    this.#counts.noteSaved(first, { was, is }, bytes, now);
    const { states: seen } = holdOthers({ first, items, states: kept }, this.#chosenRun);
    return [...(seen ?? kept)];
  }

  keep(index: number, state: EndedState): ItemState | null {
    // The job was deleted while the chunk was run.
    return this.job === undefined ? state : this.#large.keep(index, state);
  }

  /** Bytes of all results that are large. */
  get largeBytes(): number {
    return this.#counts.bytes;
  }

  /** Drops items that have made a record: what it holds is the table's, and is erased there. */
  #blank(first: number, items: readonly unknown[], states: readonly ItemState[]): void {
    const left = items.map((item, offset) => (hasSucceeded(states[offset]) ? null : item));
    this.#sql.exec("UPDATE chunks SET items = ? WHERE first = ?", JSON.stringify(left), first);
  }

  counts(): Counts {
    if (this.job === undefined) this.#counts.begin();
    return this.#counts.all;
  }

  /**
   * Marks the chosen items for a run, the failed ones as if they had never been run.
   *
   * @returns how many
   */
  restart(choice: ChosenItems, now: number): number {
    let restarted = 0;
    // Of what is pending, single items can be chosen by their ids alone.
    const some = choice.ids !== null && choice.isChosen(null) ? 1 : 0;
    try {
      this.#storage.transactionSync(() => {
        const rows = this.#sql.exec<{ first: number; size: number }>(
          `SELECT c.first, c.size FROM chunks c LEFT JOIN progress p ON p.first = c.first
           WHERE p.failed > 0 OR (?1 AND (p.pending IS NULL OR p.pending > 0)) ORDER BY c.first`,
          some,
        );
        // One chunk after another, since all of them may not fit into memory.
        for (const { first, size } of rows.toArray())
          if (mayConcern(choice, first, size)) restarted += this.#restartIn(first, choice, now);
      });
    } finally {
      // The rows changed, or the transaction was rolled back: the cached counts are invalid.
      this.#counts.forget();
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

  #restartIn(first: number, { isChosen, ids, run }: ChosenItems, now: number): number {
    const { items, states } = this.#load(first);
    let restarted = 0;
    const after = (states ?? items.map(() => NEVER_RUN)).map((state, offset): ItemState => {
      if (ids?.has(first + offset) === false) return state;
      const isPending = state.status === "pending";
      const code = isPending ? null : codeOf(state);
      if ((!isPending && code === null) || !isChosen(code)) return state;
      // Without ids all that is pending is run or none of it, and needs no mark.
      if (isPending && ids === null) return state;
      restarted += 1;
      return Object.assign({}, isPending ? state : givenBack(state.attempts), { run });
    });
    if (restarted > 0) this.save({ first, items }, after, now);
    return restarted;
  }

  /** A page of results; see `readResults`. */
  results(query: ResultsQuery): ResultRows {
    const isOver = this.job?.finishedAt !== null;
    return readResults(jobSource(this.#sql, this.#hasIds ? this.#ids : null), {
      ...query,
      isOver,
      makesRecords: makesRecords(this.job?.work.operation),
    });
  }

  /** The outputs of all items that have succeeded, in input order, each read when it is its turn. */
  outputs(): Generator {
    return readOutputs(this.#sql);
  }

  /** The indexes of the items with these ids. */
  indexesOf(ids: readonly string[]): ReadonlySet<number> {
    return this.#hasIds ? this.#ids.indexesOf(new Set(ids)) : new Set();
  }

  get #hasIds() {
    return this.job?.work.hasIds === true;
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
      writeRecordRow(this.#storage, record);
    });
  }
}
