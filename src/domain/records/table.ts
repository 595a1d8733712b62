// What a table does, seen from outside: the promises that the object `Table` keeps and everyone else
// relies on. Records travel as JSON: they are stored and mostly sent as it.
import type { Refusal } from "../errors";
import type { KeptUnderKey, KeyTable } from "../idempotency";
import type { PageQuery, RecordPage } from "./queries";
import type { Effect, RecordChange, StoredRecord } from "./record";

/** A new record with what follows from it, and the reply that is kept for repeats of its request. */
export interface Creation {
  readonly record: StoredRecord;
  readonly effects: readonly Effect[];
  readonly kept: KeptUnderKey | null;
}

/** When a write holds, and which request it is: one that is repeated changes nothing twice. */
export interface WriteCondition {
  /** The record must have one of these versions; null for any. */
  readonly versions: readonly number[] | null;
  /** It must have none of these versions; null for no version at all. */
  readonly exceptVersions?: readonly number[] | null;
  readonly requestId: string;
}

/** How a write ended. */
export type WriteResult = { readonly status: "written"; readonly record: string } | Refusal;

/** How taking a record over ended; `taken` where another one has its e-mail. */
export type Adoption = "adopted" | "taken" | "invalid";

/** How one record of an import ended. */
export type ImportOutcome = "imported" | "exists" | "taken" | "invalid";

/** Records, consistent for everyone. */
export interface RecordTable<Filters> extends KeyTable {
  /** Commits a new record. The same id again is the same request again: it changes nothing. */
  create(creation: Creation): Promise<WriteResult>;
  update(id: string, change: RecordChange, condition: WriteCondition): Promise<WriteResult>;
  remove(id: string, condition: WriteCondition): Promise<WriteResult>;
  /** The record's JSON, or null. */
  read(id: string): Promise<string | null>;
  /** What is still to be handed to the channels that are told of this record, in order. */
  untold(id: string): Promise<readonly Effect[]>;
  page(query: PageQuery<Filters>): Promise<RecordPage>;
  /** Those of these ids that no record has. */
  missing(ids: readonly string[]): Promise<readonly string[]>;
  /** Keeps records as they are, with their ids, times and versions; each is JSON that fits the schema. */
  importRecords(records: readonly string[]): Promise<readonly ImportOutcome[]>;
  /** Takes a user who is no more off the tasks. False while some are left. */
  unassign(userId: string): Promise<boolean>;
  /** Brings in what KV has and the table has not. */
  refill(): Promise<void>;
  /** Takes over what an object of version 0.1 kept: a record in its latest version, or null, its end. */
  adopt(id: string, record: unknown): Promise<Adoption>;
}
