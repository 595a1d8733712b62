// One channel: what it is to tell, what it has told, and where it stands, in its object's SQLite.
//
// Table `deliveries`: a row an event; `seq` = the time of its arrival and a count, `event` = JSON of
// DomainEvent, null once its record was deleted, `due_at` null unless it is pending. Lifetime: 30 days.
// Table `attempts`: key = (seq of the delivery, number). Lifetime: that of the delivery, the latest 100.
// Table `alerts`: events of the channel's own on their way to others. Lifetime: until they are handed over.
// Table `facts`: `state` = ChannelState; `delivered` = when it last succeeded; `kept` = KeptCount.
// Writer: the object of the channel.
import type {
  ChannelState,
  DeliveryChange,
  Queue,
  Waiting,
} from "../domain/notifications/channel-lifecycle";
import { NEW_CHANNEL } from "../domain/notifications/channel-lifecycle";
import type { DeliveryQuery } from "../domain/notifications/channel-queue";
import type {
  Delivery,
  DeliveryError,
  DeliveryStatus,
  LoggedAttempt,
} from "../domain/notifications/delivery";
import type { DomainEvent } from "../domain/notifications/events";
import {
  CHANNEL_MIGRATIONS,
  HAS_STATUS,
  listStatement,
  SEQ_PER_MS,
  toDelivery,
  toWaiting,
  type DeliveryRow,
  type StoredDelivery,
} from "./delivery-rows";
import { eraseDeliveries, withoutAnswer } from "./delivery-erasure";
import { KEPT_MS, sweepDeliveries } from "./delivery-sweep";
import { Facts } from "./facts";
import { migrate } from "./migrate";
import { placeholders } from "./placeholders";
import { leastOf } from "./read-column";

const MAX_LOGGED = 100;

/** The rows of one channel. They are not validated when they are read, since only this class writes them. */
export class ChannelStore implements Queue {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #facts: Facts;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, CHANNEL_MIGRATIONS);
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#facts = new Facts(storage.sql);
  }

  get state(): ChannelState {
    return (this.#facts.read("state") as ChannelState | undefined) ?? NEW_CHANNEL;
  }

  set state(state: ChannelState) {
    if (state !== this.state) this.#facts.write("state", state);
  }

  get lastDeliveredAt(): number | null {
    return (this.#facts.read("delivered") as number | undefined) ?? null;
  }

  /** Keeps an event that is to be told. An event that is here already changes nothing. */
  add(event: DomainEvent, now: number): void {
    const [last] = this.#sql.exec<{ seq: number }>(
      "SELECT seq FROM deliveries ORDER BY seq DESC LIMIT 1",
    );
    this.#sql.exec(
      `INSERT INTO deliveries (seq, event_id, type, record_id, event, event_at, status, due_at)
       VALUES (?, ?, ?, ?, ?, ?, 'pending', ?) ON CONFLICT (event_id) DO NOTHING`,
      Math.max((last?.seq ?? 0) + 1, now * SEQ_PER_MS),
      event.id,
      event.type,
      event.recordId,
      JSON.stringify(event),
      Date.parse(event.timestamp),
      now,
    );
  }

  due(now: number, exceptRecords: ReadonlySet<string>, limit: number): readonly Waiting[] {
    const rows = this.#sql.exec<DeliveryRow>(
      `SELECT * FROM deliveries WHERE due_at <= ? ${without(exceptRecords)}
       ORDER BY due_at, seq LIMIT ${limit}`,
      now,
      ...exceptRecords,
    );
    return Array.from(rows, toWaiting);
  }

  nextDueAt(after: number): number {
    return leastOf(this.#sql, "due_at", "deliveries WHERE due_at > ?", after);
  }

  /** The event of a delivery; null once its record was deleted. */
  eventOf(seq: number): DomainEvent | null {
    const { event } = this.#sql
      .exec<{ event: string | null }>("SELECT event FROM deliveries WHERE seq = ?", seq)
      .one();
    return event === null ? null : (JSON.parse(event) as DomainEvent);
  }

  /** Keeps what an attempt made of deliveries. One that was cancelled meanwhile stays so unless it arrived. */
  settle(changes: readonly DeliveryChange[], made: LoggedAttempt): void {
    for (const each of changes) {
      const isErased = each.error !== null && this.eventOf(each.seq) === null;
      const [change, attempt] = isErased ? withoutAnswer(each, made) : [each, made];
      const { seq, status, tries, dueAt, httpStatus, error } = change;
      this.#sql.exec(
        `UPDATE deliveries SET attempts = attempts + 1, last_attempt_at = ?2, http_status = ?3,
           error = ?4, tries = ?5,
           due_at = CASE WHEN status = 'pending' THEN ?6 END,
           status = CASE WHEN status = 'pending' OR ?7 = 'delivered' THEN ?7 ELSE status END
         WHERE seq = ?1`,
        seq,
        attempt.at,
        httpStatus,
        error && JSON.stringify(error),
        tries,
        dueAt,
        status,
      );
      this.#log(seq, attempt);
    }
    if (changes.some(({ status }) => status === "delivered"))
      this.#facts.write("delivered", made.at + made.durationMs);
  }

  #log(seq: number, attempt: LoggedAttempt): void {
    this.#sql.exec(
      `INSERT INTO attempts (seq, number, attempt)
       SELECT seq, attempts, ?2 FROM deliveries WHERE seq = ?1`,
      seq,
      JSON.stringify(attempt),
    );
    this.#sql.exec(
      `DELETE FROM attempts WHERE seq = ?1
       AND number <= (SELECT attempts FROM deliveries WHERE seq = ?1) - ?2`,
      seq,
      MAX_LOGGED,
    );
  }

  find(eventId: string): StoredDelivery | null {
    const [row] = this.#sql.exec<DeliveryRow>(
      "SELECT * FROM deliveries WHERE event_id = ?",
      eventId,
    );
    if (row === undefined) return null;
    return {
      delivery: toDelivery(row),
      event: row.event === null ? null : (JSON.parse(row.event) as DomainEvent),
    };
  }

  logOf(seq: number): readonly LoggedAttempt[] {
    const rows = this.#sql.exec<{ attempt: string }>(
      "SELECT attempt FROM attempts WHERE seq = ? ORDER BY number",
      seq,
    );
    return Array.from(rows, ({ attempt }) => JSON.parse(attempt) as LoggedAttempt);
  }

  page(query: DeliveryQuery): readonly Delivery[] {
    const { sql, values } = listStatement(query);
    return Array.from(this.#sql.exec<DeliveryRow>(sql, ...values), toDelivery);
  }

  ofRecord(recordId: string, limit: number): readonly Delivery[] {
    const rows = this.#sql.exec<DeliveryRow>(
      `SELECT * FROM deliveries WHERE record_id = ?1 AND (due_at IS NOT NULL OR seq IN (
         SELECT seq FROM deliveries WHERE record_id = ?1 AND due_at IS NULL ORDER BY seq DESC LIMIT ?2))
       ORDER BY seq`,
      recordId,
      limit,
    );
    return Array.from(rows, toDelivery);
  }

  /** Has a delivery tried from the beginning of its schedule. */
  resend(seq: number, now: number): void {
    this.#sql.exec(
      "UPDATE deliveries SET status = 'pending', tries = 0, due_at = ? WHERE seq = ?",
      now,
      seq,
    );
  }

  /** Has all deliveries of this status tried again whose event is no older, but for those that were erased. */
  replay(status: DeliveryStatus, since: number, now: number): number {
    return this.#sql
      .exec(
        `UPDATE deliveries SET status = 'pending', tries = 0, due_at = ?1
         WHERE ${HAS_STATUS[status]} AND event_at >= ?2 AND event IS NOT NULL RETURNING seq`,
        now,
        since,
      )
      .toArray().length;
  }

  cancel(seq: number): void {
    this.#sql.exec("UPDATE deliveries SET status = 'cancelled', due_at = NULL WHERE seq = ?", seq);
  }

  /** Cancels what is pending of a record, and deletes what was told of it. */
  erase(recordId: string): void {
    eraseDeliveries(this.#sql, recordId);
  }

  /** Ends pending deliveries without a further attempt: all, or those whose event is from before an instant. */
  failPending(error: DeliveryError, eventBefore = Infinity): void {
    this.#sql.exec(
      `UPDATE deliveries SET status = 'failed', due_at = NULL, error = ?
       WHERE due_at IS NOT NULL AND seq < ?`,
      JSON.stringify(error),
      eventBefore === Infinity ? Number.MAX_SAFE_INTEGER : eventBefore * SEQ_PER_MS,
    );
  }

  /** Forgets at most `limit` of those that have been kept for long enough, or are too many. @returns how many */
  sweep(now: number, limit: number): number {
    return sweepDeliveries(this.#sql, this.#facts, now, limit);
  }

  /** When the oldest delivery has been kept for long enough; Infinity where there is none. */
  nextExpiry(): number {
    return leastOf(this.#sql, "seq", "deliveries") / SEQ_PER_MS + KEPT_MS;
  }

  counts(): { waiting: number; failed: number } {
    return this.#sql
      .exec<{
        waiting: number;
        failed: number;
      }>(`SELECT (SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL) AS waiting,
              (SELECT count(*) FROM deliveries WHERE status = 'failed') AS failed`)
      .one();
  }

  addAlert(event: DomainEvent): void {
    const json = JSON.stringify(event);
    this.#sql.exec("INSERT INTO alerts (event_id, event) VALUES (?, ?)", event.id, json);
  }

  alerts(limit: number): readonly DomainEvent[] {
    const rows = this.#sql.exec<{ event: string }>(
      `SELECT event FROM alerts ORDER BY event_id LIMIT ${limit}`,
    );
    return Array.from(rows, ({ event }) => JSON.parse(event) as DomainEvent);
  }

  finishAlert(eventId: string): void {
    this.#sql.exec("DELETE FROM alerts WHERE event_id = ?", eventId);
  }

  write<T>(run: () => T): T {
    return this.#storage.transactionSync(run);
  }
}

function without(records: ReadonlySet<string>): string {
  return records.size === 0 ? "" : `AND record_id NOT IN (${placeholders([...records])})`;
}
