// What a table does, seen from outside: the promises that the object `Table` keeps and everyone else
// relies on. Records travel as JSON: they are stored and mostly sent as it.
import type { Refusal } from "../errors";
import type { CreationIds, KeptReply, Turn } from "./idempotency";
import type { PageQuery, RecordPage } from "./queries";
import type { Effect, RecordChange, StoredRecord } from "./record";

/** The tables that there are; each is one object of this name. */
export const TABLE_NAMES = ["users", "tasks", "batches"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** A new record with what follows from it, and the reply that is kept for repeats of its request. */
export interface Creation {
  readonly record: StoredRecord;
  readonly effects: readonly Effect[];
  readonly kept: KeptUnderKey | null;
}

/** A reply under its Idempotency-Key, which stands here as a digest. */
export interface KeptUnderKey {
  readonly key: string;
  readonly reply: KeptReply;
}

/** When a write holds, and which request it is: one that is repeated changes nothing twice. */
export interface WriteCondition {
  /** The record must have one of these versions; null for any. */
  readonly versions: readonly number[] | null;
  readonly requestId: string;
}

/** How a write ended. */
export type WriteResult = { readonly status: "written"; readonly record: string } | Refusal;

/** How one record of an import ended. */
export type ImportOutcome = "imported" | "exists" | "taken" | "invalid";

/** Requests under Idempotency-Keys. */
export interface KeyTable {
  /** Starts a request, or says what became of an earlier one. */
  begin(key: string, fingerprint: string, fresh: CreationIds): Promise<Turn>;
  /** Keeps a reply that tells of no record. */
  finish(key: string, reply: KeptReply): Promise<void>;
  /** Lets the next equal request run. */
  release(key: string): Promise<void>;
  /** As if no request had come. */
  forget(key: string): Promise<void>;
}

/** Records, consistent for everyone. */
export interface RecordTable<Filters> extends KeyTable {
  /** Commits a new record. The same id again is the same request again: it changes nothing. */
  create(creation: Creation): Promise<WriteResult>;
  update(id: string, change: RecordChange, condition: WriteCondition): Promise<WriteResult>;
  remove(id: string, condition: WriteCondition): Promise<WriteResult>;
  /** The record's JSON, or null. */
  read(id: string): Promise<string | null>;
  page(query: PageQuery<Filters>): Promise<RecordPage>;
  /** Those of these ids that no record has. */
  missing(ids: readonly string[]): Promise<readonly string[]>;
  /** Keeps records as they are, with their ids, times and versions; each is JSON that fits the schema. */
  import(records: readonly string[]): Promise<readonly ImportOutcome[]>;
  /** Takes a user who is no more off the tasks. False while some are left. */
  unassign(userId: string): Promise<boolean>;
  /** Brings in what KV has and the table has not. */
  refill(): Promise<void>;
  /** Takes over what an object of version 0.1 kept: a record in its latest version, or the end of one. */
  adopt(id: string, record: unknown): Promise<void>;
}
