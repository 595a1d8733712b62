// Counts of a job's items, in memory: polling a large job must not read all of its rows.
import type { Counts } from "../domain/jobs/job";
import { NO_TALLY, readCounts, readTally, sumOf, type Tally } from "./job-tally";

/** The counts of one job, read when they are first asked for, and then updated. */
export class JobCounts {
  readonly #sql: SqlStorage;
  #counts: Counts | null = null;
  #bytes = 0;
  readonly #tallies = new Map<number, Tally>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get all(): Counts {
    if (this.#counts === null)
      ({ counts: this.#counts, bytes: this.#bytes } = readCounts(this.#sql));
    return this.#counts;
  }

  /** Bytes of all results that are large. */
  get bytes(): number {
    void this.all;
    return this.#bytes;
  }

  /** The counts of the chunk that begins here, as they are stored. */
  of(first: number): Tally {
    return this.#tallies.get(first) ?? readTally(this.#sql, first);
  }

  /** Notes that nothing of the job has run. */
  begin(): void {
    this.#counts ??= { ...NO_TALLY, lastResultAt: null };
  }

  /** Notes that nothing of a chunk was ever saved. */
  noteUnsaved(first: number): void {
    this.#tallies.set(first, NO_TALLY);
  }

  /**
   * Notes that a chunk was saved.
   *
   * @param was its counts before
   * @param bytes characters of large results that are new
   */
  noteSaved(first: number, { was, is }: { was: Tally; is: Tally }, bytes: number, now: number) {
    this.#tallies.set(first, is);
    this.#bytes += bytes;
    const before = this.#counts;
    if (before === null) return;
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
  }

  /** Forgets everything, since rows have changed. */
  forget(): void {
    this.#counts = null;
    this.#bytes = 0;
    this.#tallies.clear();
  }
}
