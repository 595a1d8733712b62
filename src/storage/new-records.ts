// Records that are not in KV since they were created. A row for each of them in `publications` would cost two
// writes a creation; instead one number tells up to which `seq` every record was published.
//
// Row `published_seq` of `facts`: that number, as it was when it was noted last. Writer: the table's object.
// Lifetime: for good. What is published beyond it when the object dies is published again.
import { GUARD_MS } from "../domain/records/outbox-drain";
import type { Publication } from "../domain/records/outbox";
import type { Facts } from "./facts";

const FACT = "published_seq";

/**
 * SQL for a migration of the table of this name: for what it holds so far, `publications` has rows where KV is
 * behind.
 */
export function publishedSoFar(table: string): string {
  return `INSERT INTO facts (name, value) SELECT '${FACT}', coalesce(max(seq), 0) FROM ${table};`;
}

type NewRow = { recordId: string; mark: null; seq: number; record: string };

/** The records of one table whose creation is not published, in order of their `seq`. */
export class NewRecords {
  readonly #sql: SqlStorage;
  readonly #facts: Facts;
  readonly #table: string;
  /** SQL for those that wait; a number follows. SQLite prepares a statement anew for each value of a bound LIMIT. */
  readonly #query: string;
  /** Each record up to this `seq` is published, or has a row in `publications`. */
  #published: number;
  #noted: number;
  /** The instant of the first publication that is not noted; Infinity if all are. */
  #unnotedSince = Infinity;
  /** A `seq` that no record is above. */
  #last: number;
  /** Of those above `#published` that were read last, each `seq`. */
  #read: number[] = [];
  /** Those above `#published` that are done, because one before them is not. */
  readonly #done = new Set<number>();

  constructor(sql: SqlStorage, facts: Facts, table: string) {
    this.#sql = sql;
    this.#facts = facts;
    this.#table = table;
    this.#query = `SELECT id AS recordId, NULL AS mark, seq, record FROM ${table} WHERE seq > ?
      AND NOT EXISTS (SELECT 1 FROM publications WHERE record_id = id) ORDER BY seq LIMIT `;
    this.#noted = Number(facts.read(FACT) ?? 0);
    this.#published = this.#noted;
    const query = `SELECT max(seq) AS last FROM ${table}`;
    const { last } = sql.exec<{ last: number | null }>(query).one();
    this.#last = Math.max(last ?? 0, this.#published);
  }

  /** The highest `seq` that a record has or had when this was noted. */
  get last(): number {
    return this.#last;
  }

  /** The instant by which `note` must be called, in milliseconds since 1970 UTC; Infinity for never. */
  get noteAt(): number {
    return this.#unnotedSince + GUARD_MS;
  }

  /** A record is created in the current transaction, with a `seq` above all others. */
  add(seq: number): void {
    this.#last = seq;
  }

  /** The first of those that wait. A record that was changed since has a row, and waits by that. */
  waiting(limit: number, now: number): Publication[] {
    if (this.#published >= this.#last || limit === 0) return [];
    const rows = this.#sql
      .exec<NewRow>(`${this.#query}${limit + this.#done.size}`, this.#published)
      .toArray();
    this.#read = rows.map(({ seq }) => seq);
    const waiting = rows.filter(({ seq }) => !this.#done.has(seq)).slice(0, limit);
    if (rows.length === 0) this.#pass(this.#last);
    else this.#advance(now);
    return waiting;
  }

  /**
   * A record is published, or has a row in `publications`.
   *
   * @param seq null for one that is deleted
   */
  finish(seq: number | null, now: number): void {
    if (seq !== null && seq > this.#published) this.#done.add(seq);
    this.#advance(now);
  }

  /** Gives those that wait a row in `publications` each. */
  hold(now: number): void {
    if (this.#published >= this.#last) return;
    this.#sql.exec(
      `INSERT INTO publications (record_id, mark, due_at)
       SELECT id, 0, ? FROM ${this.#table} WHERE seq > ? ON CONFLICT DO NOTHING`,
      now,
      this.#published,
    );
  }

  /**
   * Notes in the current transaction that nothing waits: those that did have rows, and no record with a higher
   * `seq` was created but in KV. Last in its transaction: nothing after it can roll back what it notes.
   */
  passAll(): void {
    if (this.#published >= this.#last) return;
    this.#write(this.#last);
    this.#pass(this.#last);
  }

  /** Notes what was published. */
  note(): void {
    if (this.#unnotedSince < Infinity) this.#write(this.#published);
  }

  #write(seq: number): void {
    this.#facts.write(FACT, seq);
    this.#noted = seq;
    this.#unnotedSince = Infinity;
  }

  #advance(now: number): void {
    for (const seq of this.#read) {
      if (seq > this.#published && !this.#done.has(seq)) break;
      this.#pass(seq);
    }
    // Only a number that has moved needs a note.
    if (this.#published > this.#noted) this.#unnotedSince = Math.min(this.#unnotedSince, now);
  }

  #pass(seq: number): void {
    this.#published = Math.max(seq, this.#published);
    for (const each of this.#done) if (each <= seq) this.#done.delete(each);
  }
}
