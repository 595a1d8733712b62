// The tables of a job, and the shapes that earlier versions stored.
import type { JobRecord } from "../domain/jobs/job-record";
import type { BatchWork, NewChunk } from "../domain/batches/job-record";
import * as v from "valibot";
import { NEVER_RUN, type Chunk, type ItemState } from "../domain/jobs/job";
import { parseJson } from "../lib/parse-json";
import { parseStates } from "./job-states";

/**
 * SQL that creates the tables. `chunks` holds items as they were taken in, a JSON array a row; `progress` what has
 * become of them, a row for each chunk that was ever saved, whose small columns come first, since reading a column
 * that follows a long text means reading the text; `outputs` the states that are too large to be written again with
 * each save of their chunk.
 */
export const JOB_SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunks (
    first INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    items TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS progress (
    first INTEGER PRIMARY KEY,
    pending INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    codes TEXT,
    states TEXT NOT NULL
  );
`;

/** SQL of a table that few jobs need, as are those of ids: each that is created costs a new object's first request. */
export const OUTPUTS_SCHEMA =
  "CREATE TABLE IF NOT EXISTS outputs (item INTEGER PRIMARY KEY, state TEXT NOT NULL)";

/** The items of a row of `chunks`. Not validated, since only the store writes them. */
export function itemsOf({ size, items }: { readonly size: number; readonly items: string }) {
  // A large item has a row of its own.
  if (size === 1) return [parseJson(items.slice(1, -1))];
  return JSON.parse(items) as unknown[];
}

const decoder = new TextDecoder();

/** A chunk that is not stored yet. */
export function newChunk({ first, size, items }: NewChunk): Chunk {
  return { first, items: itemsOf({ size, items: `[${decoder.decode(items)}]` }), states: null };
}

/** SQL that converts the tables of version 0.1, which kept items and states in one row, and an index of those due. */
const FROM_VERSION_1 = `
  DROP INDEX IF EXISTS due;
  ALTER TABLE chunks RENAME TO old_chunks;
  ${JOB_SCHEMA};
  INSERT INTO chunks SELECT first, size, items FROM old_chunks;
  INSERT INTO progress
    SELECT first, size - succeeded - failed, succeeded, failed, 0, coalesce(saved_at, 0),
      CASE WHEN failed > 0 THEN json_object('internal', failed) END, states
    FROM old_chunks WHERE states IS NOT NULL;
  DROP TABLE old_chunks`;

/** The record of a batch as version 0.1 stored it, as far as it differs. */
const FirstRecord = v.looseObject({
  status: v.picklist(["queued", "running", "paused", "cancelled", "completed"]),
  work: v.looseObject({ kind: v.literal("batch"), createdAt: v.number() }),
  total: v.number(),
  startedAt: v.nullable(v.number()),
  finishedAt: v.nullable(v.number()),
  ranMs: v.number(),
  runningSince: v.nullable(v.number()),
  expiresAt: v.number(),
  retentionMs: v.number(),
  announcement: v.optional(v.unknown()),
});

/** A record as it is stored. */
export interface StoredRecord {
  readonly record: JobRecord<BatchWork>;
  /** Present if it was stored by an earlier version: then its tables must be rewritten by this SQL. */
  readonly migration?: string;
}

/** Of a record that was stored before there was a register. */
const NEVER_REPORTED = { changes: 0, reportAt: 0 };

/** Reads a stored record of this version or an earlier one; undefined for any other value. */
export function readRecord(stored: unknown): StoredRecord | undefined {
  // Not validated, since only this version writes it.
  if (Object(stored).version === 2)
    return { record: { ...NEVER_REPORTED, ...(stored as JobRecord<BatchWork>) } };
  if (!v.is(FirstRecord, stored)) return undefined;
  const { announcement, work, ...record } = stored;
  return {
    record: {
      ...record,
      version: 2,
      reason: record.status === "cancelled" || record.status === "paused" ? "by-request" : null,
      // Version 0.1 kept batches in this shape; its other jobs are no batches and were refused above.
      work: work as unknown as BatchWork,
      startAt: null,
      run: 1,
      ranBefore: 0,
      wakeAt: null,
      waiting: null,
      isUntold: announcement !== undefined,
      ...NEVER_REPORTED,
    },
    migration: FROM_VERSION_1,
  };
}

/** Items and states of a job of version 0.1, which had a few items, in its own table. */
export function readOldEntries(
  sql: SqlStorage,
): { readonly item: unknown; readonly state: ItemState }[] {
  const rows = sql.exec<{ items: string; states: string | null }>(
    "SELECT items, states FROM chunks ORDER BY first",
  );
  return rows.toArray().flatMap(({ items, states }) => {
    const all = states === null ? [] : parseStates(states);
    // Not validated here: whoever takes them over does.
    return (JSON.parse(items) as unknown[]).map((item, at) => ({
      item,
      state: all[at] ?? NEVER_RUN,
    }));
  });
}
