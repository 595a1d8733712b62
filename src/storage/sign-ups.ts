// Sign-ups that are not confirmed yet, and how many mails they have caused; the tables are described in
// users.ts. Fact `mail-salt`: makes the hashes of addresses and callers; fact `link-keys`: the keys of links.
import * as v from "valibot";
import { COUNTED_MS } from "../domain/records/confirmation";
import type { User } from "../domain/records/users";
import { renewKeys, type LinkKeys } from "../domain/links/link-keys";
import { sha256Hex } from "../lib/sha256";
import type { Facts } from "./facts";
import { idsOf, leastOf } from "./read-column";
import { firstSeqAt, RecordTable } from "./record-table";
import { usersTable } from "./users";

/** Hashes that one call deletes, at most. */
const SWEPT_AT_ONCE = 100;

/** Sign-ups that are not confirmed yet. All but `hash` is synchronous, for transactions. */
export class SignUps {
  readonly #sql: SqlStorage;
  readonly #facts: Facts;
  readonly #table: RecordTable<User, never>;
  /** Instants that every commit of the table asks for; null if they must be read again. */
  #firstMadeAt: number | null = null;
  #nextSweep: number | null = null;

  constructor(sql: SqlStorage, facts: Facts) {
    this.#sql = sql;
    this.#facts = facts;
    const { pending: _, ...definition } = usersTable;
    this.#table = new RecordTable(sql, { ...definition, name: "pending_users" });
    // Read at the start, so that no request pays for it where nothing is ever confirmed.
    this.firstMadeAt();
    this.nextSweep();
  }

  read(id: string): string | null {
    return this.#table.read(id);
  }

  find(id: string): User | null {
    return this.#table.find(id)?.value ?? null;
  }

  /** Returns false if it is there already, or was deleted lately. */
  insert(user: User, seq: number): boolean {
    this.#firstMadeAt = null;
    return this.#table.insert(user, seq);
  }

  /** Deletes a sign-up, and leaves a tombstone: a repeated request does not bring it back. */
  delete(id: string, deletedBy: string, now: number): void {
    this.#firstMadeAt = null;
    this.#table.delete(id, deletedBy, now);
  }

  /** Deletes a sign-up without a trace. */
  drop(id: string): void {
    this.#firstMadeAt = null;
    this.#sql.exec("DELETE FROM pending_users WHERE id = ?", id);
  }

  /** Ids of all sign-ups of an address, in its canonical form. */
  idsOf(email: string): string[] {
    return idsOf(this.#sql, "SELECT id FROM pending_users WHERE email = ?", email);
  }

  /** The id of the user with this address, in its canonical form; or null. */
  userOf(email: string): string | null {
    return idsOf(this.#sql, "SELECT id FROM users WHERE email = ?", email)[0] ?? null;
  }

  /** Ids of those that were made before an instant, the oldest first. */
  madeBefore(at: number, limit: number): string[] {
    return idsOf(
      this.#sql,
      "SELECT id FROM pending_users WHERE seq < ? ORDER BY seq LIMIT ?",
      firstSeqAt(at),
      limit,
    );
  }

  /** The instant at which the oldest was made, in milliseconds since 1970 UTC; Infinity if there is none. */
  firstMadeAt(): number {
    this.#firstMadeAt ??= leastOf(this.#sql, "seq", "pending_users") / firstSeqAt(1);
    return this.#firstMadeAt;
  }

  /** A hash of a text, keyed by a salt that only this table has. */
  async hash(text: string): Promise<string> {
    return sha256Hex(`${this.#salt}/${text}`);
  }

  /** Instants of the last day's mails under a hash. */
  mailsOf(hash: string, now: number): readonly number[] {
    const [row] = this.#sql.exec<{ instants: string }>(
      "SELECT instants FROM mails_counted WHERE hash = ?",
      hash,
    );
    // Written by `countMail` alone.
    const instants = row === undefined ? [] : (JSON.parse(row.instants) as number[]);
    return instants.filter((at) => at > now - COUNTED_MS);
  }

  countMail(hash: string, now: number): void {
    this.#nextSweep = null;
    const instants = [...this.mailsOf(hash, now), now];
    this.#sql.exec(
      "INSERT OR REPLACE INTO mails_counted (hash, instants, last_at) VALUES (?, ?, ?)",
      hash,
      JSON.stringify(instants),
      now,
    );
  }

  /** Deletes hashes whose day is over. */
  sweepCounts(now: number): void {
    this.#nextSweep = null;
    this.#sql.exec(
      `DELETE FROM mails_counted WHERE hash IN
       (SELECT hash FROM mails_counted WHERE last_at <= ? ORDER BY last_at LIMIT ?)`,
      now - COUNTED_MS,
      SWEPT_AT_ONCE,
    );
  }

  /** The instant at which the first hash's day is over, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextSweep(): number {
    this.#nextSweep ??= leastOf(this.#sql, "last_at", "mails_counted") + COUNTED_MS;
    return this.#nextSweep;
  }

  /** The keys of links, replaced first if it is time. */
  linkKeys(now: number, createSecret: () => string): LinkKeys {
    // Not validated, since only this method writes this fact.
    const stored = (this.#facts.read("link-keys") as LinkKeys | undefined) ?? null;
    const keys = renewKeys(stored, now, createSecret);
    if (keys !== stored) this.#facts.write("link-keys", keys);
    return keys;
  }

  get #salt(): string {
    const stored = this.#facts.read("mail-salt");
    if (v.is(v.string(), stored)) return stored;
    const salt = crypto.randomUUID();
    this.#facts.write("mail-salt", salt);
    return salt;
  }
}
