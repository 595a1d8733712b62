// Idempotency-Keys and their replies, one row each, in the database of the records that they created, so that
// a creation and its reply are one transaction.
//
// Table `idempotency_keys`: key = SHA-256 in hex of caller and key, fingerprint of the request, ids of the
// records it creates, lease, reply, and the record it created; `seq` in order of arrival.
// Writer: the table's object. Lifetime: 24 hours; the reply until its record is deleted.
import {
  DOUBLED_SUBMIT_MS,
  KEEP_REPLY_MS,
  takeTurn,
  type CreationIds,
  type KeptReply,
  type KeptRequest,
  type Memory,
  type Turn,
} from "../domain/idempotency";

/** SQL for a table's first migration. */
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

/** A request under its key. */
interface KeyedRequest {
  readonly fingerprint: string;
  readonly fresh: CreationIds;
  readonly memory: Memory;
}

/** Expired keys that are deleted with each new one. */
const SWEPT_WITH_EACH = 10;

/** The Idempotency-Keys of one table. */
export class IdempotencyKeys {
  readonly #sql: SqlStorage;
  /**
   * Keys whose request started after this object did. An older request is taken for dead, since its object
   * was replaced.
   */
  readonly #started = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns what a request would have to do. Nothing is written. */
  peek(key: string, { fingerprint, fresh, memory }: KeyedRequest, now: number): Turn {
    return takeTurn(this.#read(key, memory, now), fingerprint, fresh, now).turn;
  }

  /** The ids of an earlier request that was cut off; null where there is none, `settled` for any other. */
  look(key: string, now: number): CreationIds | "settled" | null {
    const kept = this.#read(key, "day", now);
    if (kept === null) return null;
    return kept.isGone || kept.reply !== null || kept.leasedUntil > now ? "settled" : kept.ids;
  }

  /** Starts a request, or returns the outcome of an earlier one. The first start sets the lifetime. */
  begin(key: string, { fingerprint, fresh, memory }: KeyedRequest, now: number): Turn {
    this.sweep(now, SWEPT_WITH_EACH);
    const kept = this.#read(key, memory, now);
    const { turn, keep } = takeTurn(kept, fingerprint, fresh, now);
    if (turn.kind === "run") this.#started.add(key);
    if (keep === null) return turn;
    if (kept === null) this.#insert(key, keep, now);
    else this.#lease(key, keep.leasedUntil);
    return turn;
  }

  /** Stores the reply for repeats. If it contains a record, it is deleted together with that. */
  finish(key: string, reply: KeptReply, recordId: string | null): void {
    this.#started.delete(key);
    this.#sql.exec(
      "UPDATE idempotency_keys SET reply = ?, record_id = ? WHERE key = ?",
      JSON.stringify(reply),
      recordId,
      key,
    );
  }

  /** Ends the lease without a reply, so that a repeat runs again: this request failed. */
  release(key: string): void {
    this.#started.delete(key);
    this.#lease(key, 0);
  }

  /** Deletes the key: its request was refused before anything was done. */
  forget(key: string): void {
    this.#started.delete(key);
    this.#sql.exec("DELETE FROM idempotency_keys WHERE key = ?", key);
  }

  /** Deletes the replies that contain a record. Their keys stay taken. */
  erase(recordId: string): void {
    this.#sql.exec(
      "UPDATE idempotency_keys SET reply = NULL, is_gone = 1, record_id = NULL WHERE record_id = ?",
      recordId,
    );
  }

  /** Deletes at most `limit` expired keys. */
  sweep(now: number, limit: number): void {
    if (this.nextExpiry() > now) return;
    this.#sql.exec(
      `DELETE FROM idempotency_keys WHERE seq IN
       (SELECT seq FROM idempotency_keys ORDER BY seq LIMIT ?) AND created_at <= ?`,
      limit,
      now - KEEP_REPLY_MS,
    );
  }

  /** The instant when the oldest key expires, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextExpiry(): number {
    const query = "SELECT created_at AS at FROM idempotency_keys ORDER BY seq LIMIT 1";
    const [oldest] = this.#sql.exec<{ at: number }>(query).toArray();
    return (oldest?.at ?? Infinity) + KEEP_REPLY_MS;
  }

  /** In place of one that counts no more, if the sweep has not come to it yet. */
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

  /** Returns what is remembered under a key, unless its time is over. */
  #read(key: string, memory: Memory, now: number): KeptRequest | null {
    const isMoment = memory === "moment";
    const [row] = this.#sql
      .exec<Row>(
        `SELECT fingerprint, ids, leased_until, reply, is_gone FROM idempotency_keys
         WHERE key = ? AND created_at > ?`,
        key,
        now - (isMoment ? DOUBLED_SUBMIT_MS : KEEP_REPLY_MS),
      )
      .toArray();
    if (row === undefined || (isMoment && row.is_gone === 1)) return null;
    // Not validated, since only this class writes these columns.
    return {
      fingerprint: row.fingerprint,
      ids: JSON.parse(row.ids) as CreationIds,
      // A request may outlive this object. Taking it for dead is harmless: its repeat runs with the same ids,
      // so it creates the same record.
      leasedUntil: this.#started.has(key) ? row.leased_until : 0,
      reply: row.reply === null ? null : (JSON.parse(row.reply) as KeptReply),
      isGone: row.is_gone === 1,
    };
  }
}
