// Stores the outbox of a table in the table's own database, so that a commit and its effects are one
// transaction.
//
// Table `effects`: key = (lane, number in it), effect as JSON, attempts, due_at. Writer: the table's object.
// Lifetime: until the effect is done.
// Table `publications`: key = id of a record whose copy in KV is out of date, `mark` = commits since then.
// Lifetime: until it is published. A record that is new has no row: see new-records.ts.
// Row `publishing` of `facts`: the pause of all publications while KV refuses writes.
import type { Effect } from "../domain/records/record";
import {
  firstDelay,
  laneOf,
  PUBLISH_PACE_MS,
  type OutboxStore,
  type PendingEffect,
  type Publication,
  type PublishingPause,
} from "../domain/records/outbox";
import type { Facts } from "./facts";
import { NewRecords } from "./new-records";
import { placeholders } from "./placeholders";
import { leastOf } from "./read-column";

/** SQL for a table's first migration. */
export const OUTBOX_SCHEMA = `
  CREATE TABLE effects (
    lane TEXT NOT NULL,
    key INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    effect TEXT NOT NULL,
    PRIMARY KEY (lane, key)
  ) WITHOUT ROWID;
  CREATE INDEX effects_due ON effects (due_at);
  CREATE TABLE publications (
    record_id TEXT PRIMARY KEY,
    mark INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) WITHOUT ROWID;`;

/** SQL that converts effects of version 0.1, which handed events to jobs, with an id for each delivery. */
export const EFFECTS_OF_CHANNELS = `
  UPDATE effects SET effect = json_remove(json_set(effect,
    '$.channels', json((
      SELECT json_group_array(json_extract(value, '$.channel'))
      FROM json_each(effect, '$.deliveries'))),
    '$.event.recordId', json_extract(effect, '$.recordId'),
    '$.event.origin', NULL), '$.deliveries', '$.event.text')
  WHERE json_type(effect, '$.deliveries') IS NOT NULL;`;

type ChangedRow = { recordId: string; mark: number; seq: number | null; record: string | null };

const NO_PAUSE: PublishingPause = { until: 0, failures: 0 };

/** The effects and publications of one table. */
export class SqlOutbox implements OutboxStore {
  readonly #sql: SqlStorage;
  readonly #facts: Facts;
  /** Null for a table without records. */
  readonly #created: NewRecords | null;
  /** SQL for changed records that are due; their number follows, as in new-records.ts. */
  readonly #changed: string;
  /** Instants before which nothing is due; null if they must be read. */
  #effectAt: number | null = null;
  #changeAt: number | null = null;
  /** The instant until which a key must not be written to KV again, ordered by instant. */
  readonly #paced = new Map<string, number>();
  /** Publications that are finished but not deleted yet: the mark of each. */
  readonly #finished = new Map<string, number>();

  /** @param table the SQL table whose records are published; null for none */
  constructor(sql: SqlStorage, facts: Facts, table: string | null) {
    this.#sql = sql;
    this.#facts = facts;
    this.#created = table === null ? null : new NewRecords(sql, facts, table);
    this.#changed = `SELECT record_id AS recordId, mark, seq, record
      FROM publications LEFT JOIN ${table} ON id = record_id
      WHERE publications.due_at <= ? LIMIT `;
  }

  /** The highest `seq` that a record has or had when that was noted. */
  get lastSeq(): number {
    return this.#created?.last ?? 0;
  }

  /** Adds the effects of a creation, and its publication. Its `seq` is above all others. */
  addCreation(seq: number, effects: readonly Effect[], now: number): void {
    this.#created?.add(seq);
    this.addEffects(effects, now);
  }

  /** Adds the effects of a change or a deletion, and its publication. */
  add(recordId: string, effects: readonly Effect[], now: number): void {
    this.#sql.exec(
      `INSERT INTO publications (record_id, mark, due_at) VALUES (?1, 0, ?2)
       ON CONFLICT (record_id) DO UPDATE SET mark = mark + 1`,
      recordId,
      Math.max(now, this.#paced.get(recordId) ?? 0),
    );
    this.#changeAt = null;
    this.addEffects(effects, now);
  }

  /**
   * Adds effects without a publication. Each is due no earlier than those of its lane before it, even if the
   * clock went back.
   */
  addEffects(effects: readonly Effect[], now: number): void {
    if (effects.length > 0) this.#effectAt = null;
    for (const effect of effects) {
      this.#sql.exec(
        `INSERT INTO effects (lane, key, due_at, effect)
         SELECT ?1, coalesce(max(key) + 1, 0), max(?2, coalesce(max(due_at), 0)), ?3
         FROM effects WHERE lane = ?1`,
        laneOf(effect),
        now + firstDelay(effect),
        JSON.stringify(effect),
      );
    }
  }

  dueEffects(now: number, limit: number): readonly PendingEffect[] {
    if (this.#nextEffectAt > now) return [];
    const rows = this.#sql.exec<{ lane: string; key: number; attempts: number; effect: string }>(
      // Later effects of a lane are due no earlier, so the first of each lane is among these rows.
      `SELECT lane, key, attempts, effect FROM effects INDEXED BY effects_due
       WHERE due_at <= ? ORDER BY due_at, lane, key LIMIT ${limit}`,
      now,
    );
    const first = new Map<string, PendingEffect>();
    for (const { lane, key, attempts, effect } of rows) {
      // Not validated, since only `addEffects` writes this column.
      if (!first.has(lane))
        first.set(lane, { lane, key, attempts, effect: JSON.parse(effect) as Effect });
    }
    return [...first.values()];
  }

  finishEffect({ lane, key }: PendingEffect): void {
    this.#sql.exec("DELETE FROM effects WHERE lane = ? AND key = ?", lane, key);
    this.#effectAt = null;
  }

  postponeEffect({ lane, key }: PendingEffect, until: number): void {
    this.#sql.exec(
      `UPDATE effects SET due_at = max(due_at, ?1), attempts = attempts + (key = ?2) WHERE lane = ?3`,
      until,
      key,
      lane,
    );
    this.#effectAt = null;
  }

  duePublications(now: number, limit: number): readonly Publication[] {
    if (this.#created === null) return [];
    // Tried again first, in case rows could not be written.
    this.settle(now);
    const changed =
      this.#nextChangeAt > now
        ? []
        : this.#sql.exec<ChangedRow>(`${this.#changed}${limit}`, now).toArray();
    const created = this.#created.waiting(limit - changed.length, now);
    return [...changed, ...created].filter((each) => {
      const pacedUntil = this.#paced.get(each.recordId) ?? 0;
      // Committed again while it was written.
      if (pacedUntil > now) this.postponePublication(each, pacedUntil, now);
      return pacedUntil <= now;
    });
  }

  finishPublication({ recordId, mark, seq }: Publication, now: number): void {
    this.#pace(recordId, now);
    if (mark !== null) this.#finished.set(recordId, mark);
    this.#created?.finish(seq, now);
  }

  settle(now: number): void {
    if (this.#finished.size === 0) return;
    for (const [mark, finished] of Map.groupBy(this.#finished, ([, ofIt]) => ofIt)) {
      const ids = finished.map(([id]) => id);
      // One that was committed again meanwhile has another mark.
      this.#sql.exec(
        `DELETE FROM publications WHERE mark = ? AND record_id IN (${placeholders(ids)})`,
        mark,
        ...ids,
      );
    }
    this.#finished.clear();
    this.#changeAt = null;
    // Rows are gone, so the number of what is published may move.
    this.#created?.finish(null, now);
  }

  postponePublication({ recordId, seq }: Publication, until: number, now: number): void {
    this.#sql.exec(
      `INSERT INTO publications (record_id, mark, due_at) VALUES (?1, 0, ?2)
       ON CONFLICT (record_id) DO UPDATE SET due_at = ?2`,
      recordId,
      until,
    );
    this.#changeAt = null;
    this.#created?.finish(seq, now);
  }

  /** Gives each new record that waits a row, before records are inserted that need not be published. */
  holdNew(now: number): void {
    this.#created?.hold(now);
    this.#changeAt = null;
  }

  /** Notes that no new record waits. Last in its transaction: nothing after it can roll back what it notes. */
  passNew(): void {
    this.#created?.passAll();
  }

  /** Notes what was published. Writes a row at most. */
  note(): void {
    this.#created?.note();
  }

  get pause(): PublishingPause {
    // Not validated, since only the setter below writes this fact.
    return (this.#facts.read("publishing") as PublishingPause | undefined) ?? NO_PAUSE;
  }

  set pause(pause: PublishingPause) {
    this.#facts.write("publishing", pause.failures === 0 ? null : pause);
  }

  /**
   * The instant when the next effect or publication is due, in milliseconds since 1970 UTC; Infinity if there
   * is none.
   */
  nextDueAt(now: number): number {
    const at = Math.min(this.#nextEffectAt, this.#created?.noteAt ?? Infinity);
    const { until } = this.pause;
    // During the pause no publication is due, so thousands of rows need not be read.
    if (until > now) return Math.min(at, until);
    const isNewWaiting = (this.#created?.waiting(1, now) ?? []).length > 0;
    return Math.min(at, isNewWaiting ? now : this.#nextChangeAt);
  }

  /** Events of a record that channels are still to be told, in order. */
  untoldOf(recordId: string): readonly Effect[] {
    const rows = this.#sql.exec<{ effect: string }>(
      "SELECT effect FROM effects WHERE lane = ? ORDER BY key",
      laneOf({ kind: "erase", recordId, channels: [] }),
    );
    // Not validated, since only `addEffects` writes this column.
    return Array.from(rows, ({ effect }) => JSON.parse(effect) as Effect);
  }

  /** Tells if a record's copy in KV is behind. */
  isBehind(recordId: string): boolean {
    return (
      this.#sql.exec("SELECT 1 FROM publications WHERE record_id = ?", recordId).toArray().length >
      0
    );
  }

  get #nextEffectAt(): number {
    return (this.#effectAt ??= leastOf(this.#sql, "due_at", "effects"));
  }

  get #nextChangeAt(): number {
    return (this.#changeAt ??= leastOf(this.#sql, "due_at", "publications"));
  }

  /** Remembers when a key may be written again, and forgets entries that are over. */
  #pace(recordId: string, now: number): void {
    for (const [id, until] of this.#paced) {
      if (until > now) break;
      this.#paced.delete(id);
    }
    // Deleted first, so that the Map's order stays that of the instants.
    this.#paced.delete(recordId);
    this.#paced.set(recordId, now + PUBLISH_PACE_MS);
  }
}
