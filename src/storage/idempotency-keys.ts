// What is remembered under Idempotency-Keys, beside what they created: one row a key, so that a creation
// and its reply are one transaction.
//
// Table `idempotency_keys`: key = SHA-256 in hex of whose key it is and the key, fingerprint of the request,
// ids of what it creates, lease and reply, the record it created; `seq` in order of arrival.
// Writer: the table's object. Lifetime: 24 hours; the reply until its record is deleted.
import {
  KEEP_REPLY_MS,
  takeTurn,
  type CreationIds,
  type KeptReply,
  type KeptRequest,
  type Turn,
} from "../domain/idempotency";

/** To be part of a table's first migration. */
export const IDEMPOTENCY_SCHEMA = `
  CREATE TABLE idempotency_keys (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    ids TEXT NOT NULL,
    leased_until INTEGER NOT NULL,
    record_id TEXT,
    reply TEXT,
    is_gone INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX idempotency_records ON idempotency_keys (record_id) WHERE record_id IS NOT NULL;`;

type Row = {
  fingerprint: string;
  ids: string;
  leased_until: number;
  reply: string | null;
  is_gone: number;
};

type Start = Pick<KeptRequest, "fingerprint" | "ids" | "leasedUntil">;

/** Expired keys are looked for a few at a time, with each new one. */
const SWEPT_WITH_EACH = 10;

/** The keys of one table. */
export class IdempotencyKeys {
  readonly #sql: SqlStorage;
  /** Requests that were started since this object was: one that was started before is taken for dead. */
  readonly #started = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns what a request would have to do. Nothing is written. */
  peek(key: string, fingerprint: string, fresh: CreationIds, now: number): Turn {
    return takeTurn(this.#read(key, now), fingerprint, fresh, now).turn;
  }

  /** Starts a request, or says what became of an earlier one. The first start sets the lifetime. */
  begin(key: string, fingerprint: string, fresh: CreationIds, now: number): Turn {
    this.sweep(now, SWEPT_WITH_EACH);
    const kept = this.#read(key, now);
    const { turn, keep } = takeTurn(kept, fingerprint, fresh, now);
    if (turn.kind === "run") this.#started.add(key);
    if (keep === null) return turn;
    if (kept === null) this.#insert(key, keep, now);
    else this.#lease(key, keep.leasedUntil);
    return turn;
  }

  /** Keeps the reply for repeats, until the record that it tells of is deleted, where it tells of one. */
  finish(key: string, reply: KeptReply, recordId: string | null): void {
    this.#started.delete(key);
    this.#sql.exec(
      "UPDATE idempotency_keys SET reply = ?, record_id = ? WHERE key = ?",
      JSON.stringify(reply),
      recordId,
      key,
    );
  }

  /** Lets the next equal request run: this one failed without a reply worth keeping. */
  release(key: string): void {
    this.#started.delete(key);
    this.#lease(key, 0);
  }

  /** As if no request had come: this one was refused before it meant anything. */
  forget(key: string): void {
    this.#started.delete(key);
    this.#sql.exec("DELETE FROM idempotency_keys WHERE key = ?", key);
  }

  /** Erases the replies that tell of a record. Their keys stay taken. */
  erase(recordId: string): void {
    this.#sql.exec(
      "UPDATE idempotency_keys SET reply = NULL, is_gone = 1, record_id = NULL WHERE record_id = ?",
      recordId,
    );
  }

  /** Forgets at most `limit` keys whose time is over. */
  sweep(now: number, limit: number): void {
    const [oldest] = this.#oldest(1);
    if (oldest === undefined || oldest + KEEP_REPLY_MS > now) return;
    this.#sql.exec(
      `DELETE FROM idempotency_keys WHERE seq IN
       (SELECT seq FROM idempotency_keys ORDER BY seq LIMIT ?) AND created_at <= ?`,
      limit,
      now - KEEP_REPLY_MS,
    );
  }

  /** When the oldest key's time is over, in milliseconds since 1970 UTC; Infinity where there is none. */
  nextExpiry(): number {
    const [oldest] = this.#oldest(1);
    return oldest === undefined ? Infinity : oldest + KEEP_REPLY_MS;
  }

  /** In place of one whose time is over, if the sweep has not come to it yet. */
  #insert(key: string, { fingerprint, ids, leasedUntil }: Start, now: number): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO idempotency_keys (key, created_at, fingerprint, ids, leased_until)
       VALUES (?, ?, ?, ?, ?)`,
      key,
      now,
      fingerprint,
      JSON.stringify(ids),
      leasedUntil,
    );
  }

  #lease(key: string, until: number): void {
    this.#sql.exec("UPDATE idempotency_keys SET leased_until = ? WHERE key = ?", until, key);
  }

  #oldest(limit: number): number[] {
    return this.#sql
      .exec<{ at: number }>(
        "SELECT created_at AS at FROM idempotency_keys ORDER BY seq LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ at }) => at);
  }

  /** Returns what is remembered under a key, unless its time is over. */
  #read(key: string, now: number): KeptRequest | null {
    const [row] = this.#sql
      .exec<Row>(
        `SELECT fingerprint, ids, leased_until, reply, is_gone FROM idempotency_keys
         WHERE key = ? AND created_at > ?`,
        key,
        now - KEEP_REPLY_MS,
      )
      .toArray();
    if (row === undefined) return null;
    // Both were written by this class, so their shapes are known.
    return {
      fingerprint: row.fingerprint,
      ids: JSON.parse(row.ids) as CreationIds,
      // A request may outlive this object. Taking it for dead is harmless: it is run again under the same
      // ids, and so is the same creation.
      leasedUntil: this.#started.has(key) ? row.leased_until : 0,
      reply: row.reply === null ? null : (JSON.parse(row.reply) as KeptReply),
      isGone: row.is_gone === 1,
    };
  }
}
