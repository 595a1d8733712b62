// The rows of a channel's deliveries: their schema, and what is read from them.
import type { Waiting } from "../domain/notifications/channel-lifecycle";
import type { DeliveryQuery } from "../domain/notifications/channel-queue";
import type { DomainEvent } from "../domain/notifications/events";
import type { Delivery, DeliveryError, DeliveryStatus } from "../domain/notifications/delivery";
import { FACTS_SCHEMA } from "./facts";
import { placeholders } from "./placeholders";

/** Append-only. */
export const CHANNEL_MIGRATIONS = [
  `${FACTS_SCHEMA}
  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    record_id TEXT NOT NULL,
    event TEXT,
    event_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    last_attempt_at INTEGER,
    http_status INTEGER,
    error TEXT
  );
  CREATE INDEX deliveries_due ON deliveries (due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX deliveries_record ON deliveries (record_id, seq);
  CREATE INDEX deliveries_failed ON deliveries (seq) WHERE status = 'failed';
  CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    PRIMARY KEY (seq, number)
  ) WITHOUT ROWID;
  CREATE TABLE alerts (event_id TEXT PRIMARY KEY, event TEXT NOT NULL) WITHOUT ROWID;`,
  "CREATE INDEX deliveries_cancelled ON deliveries (seq) WHERE status = 'cancelled';",
];

/** Conditions for a status, in the words of the partial indexes: SQLite uses one for no others. */
export const HAS_STATUS = {
  pending: "seq IN (SELECT seq FROM deliveries WHERE due_at IS NOT NULL)",
  delivered: "status = 'delivered'",
  failed: "status = 'failed'",
  cancelled: "status = 'cancelled'",
} as const satisfies Record<DeliveryStatus, string>;

/** Milliseconds by which the clock that dates an event may be ahead of the one that dates its arrival. */
const MAX_CLOCK_SKEW_MS = 60_000;
/** Values of `seq` for each millisecond. */
export const SEQ_PER_MS = 1000;

/** A row of `deliveries`. */
export type DeliveryRow = {
  seq: number;
  event_id: string;
  type: string;
  record_id: string;
  event: string | null;
  event_at: number;
  status: string;
  tries: number;
  attempts: number;
  due_at: number | null;
  last_attempt_at: number | null;
  http_status: number | null;
  error: string | null;
};

/** A delivery with what is told. */
export interface StoredDelivery {
  readonly delivery: Delivery;
  readonly event: DomainEvent | null;
}

/** Reads a pending delivery from its row. */
export function toWaiting({ seq, record_id, tries, event_at, due_at }: DeliveryRow): Waiting {
  return { seq, recordId: record_id, tries, eventAt: event_at, dueAt: due_at ?? 0 };
}

/** Reads any delivery from its row. */
export function toDelivery(row: DeliveryRow): Delivery {
  return {
    seq: row.seq,
    eventId: row.event_id,
    event: row.type,
    recordId: row.record_id,
    // Written by the store, so the shapes are known.
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    dueAt: row.due_at,
    lastAttemptAt: row.last_attempt_at,
    httpStatus: row.http_status,
    error: row.error === null ? null : (JSON.parse(row.error) as DeliveryError),
  };
}

type Value = string | number;

/** The statement for a part of the list. */
export function listStatement({ filters, order, after, isInclusive, limit }: DeliveryQuery): {
  readonly sql: string;
  readonly values: readonly Value[];
} {
  const { status, event, recordId, since } = filters;
  const conditions: [sql: string, values: readonly Value[]][] = [];
  if (status !== undefined)
    conditions.push([`(${status.map((one) => HAS_STATUS[one]).join(" OR ")})`, []]);
  if (event !== undefined) conditions.push([`type IN (${placeholders(event)})`, event]);
  if (recordId !== undefined) conditions.push(["record_id = ?", [recordId]]);
  if (since !== undefined) {
    conditions.push(["event_at >= ?", [since]]);
    // Reading ends here, as an event arrives after it happened.
    conditions.push(["seq >= ?", [(since - MAX_CLOCK_SKEW_MS) * SEQ_PER_MS]]);
  }
  if (after !== null)
    conditions.push([`seq ${order === "asc" ? ">" : "<"}${isInclusive ? "=" : ""} ?`, [after]]);
  const where = conditions.map(([sql]) => sql).join(" AND ");
  return {
    sql: `SELECT * FROM deliveries ${where && `WHERE ${where}`} ORDER BY seq ${order} LIMIT ?`,
    values: [...conditions.flatMap(([, values]) => values), limit],
  };
}
