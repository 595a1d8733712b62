// The interface of a table, which the object `Table` implements and all others rely on. Records are passed as
// JSON, since they are stored as JSON and mostly sent unparsed.
import type { Refusal } from "../errors";
import type { KeptUnderKey, KeyTable } from "../idempotency";
import type { LinkKeys } from "../links/link-keys";
import type { Asker, Asking } from "./confirmation";
import type { PageQuery, RecordPage, UserFilters } from "./queries";
import type { Effect, RecordChange, StoredRecord } from "./record";
import type { User } from "./users";

/** A new record with its effects, and the reply that is stored for repeats of its request. */
export interface Creation {
  readonly record: StoredRecord;
  readonly effects: readonly Effect[];
  readonly kept: KeptUnderKey | null;
}

/**
 * The condition of a write, and the request it belongs to, so that a repeated request changes nothing twice.
 */
export interface WriteCondition {
  /** Versions of which the record must have one; null for any. */
  readonly versions: readonly number[] | null;
  /** It must have none of these versions; null for no version at all. */
  readonly exceptVersions?: readonly number[] | null;
  readonly requestId: string;
  /** Origin of that request, for links in what is told of the change; null without a request. */
  readonly origin?: string | null;
}

/** Result of a write, with the record's JSON. */
export type WriteResult = { readonly status: "written"; readonly record: string } | Refusal;

/** Result of a creation: null for a record that is stored as it was given. */
export type CreationResult =
  | { readonly status: "written"; readonly record: string | null }
  | Refusal;

/** Result of adopting a record; `taken` if another user has its e-mail. */
export type Adoption = "adopted" | "taken" | "invalid";

/** A record to import, as JSON. `importedBy` names the item that it is, the same whenever it is repeated. */
export interface ImportedRecord {
  readonly json: string;
  readonly importedBy: string;
}

/** Result of importing one record. */
export type ImportOutcome = "imported" | "exists" | "taken" | "invalid";

/** The state of a table, for its operator. */
export interface TableStanding {
  /** The instant until which nothing is published to KV, in milliseconds since 1970 UTC; 0 if it is not paused. */
  readonly publishingPausedUntil: number;
}

/** All records of one kind, strongly consistent. */
export interface RecordTable<Filters> extends KeyTable {
  /** Commits a new record. Repeating it with the same id changes nothing. */
  create(creation: Creation): Promise<CreationResult>;
  update(id: string, change: RecordChange, condition: WriteCondition): Promise<WriteResult>;
  remove(id: string, condition: WriteCondition): Promise<WriteResult>;
  /** The record's JSON, or null. */
  read(id: string): Promise<string | null>;
  /** Events of this record that are still to be handed to their channels, in order. */
  untold(id: string): Promise<readonly Effect[]>;
  page(query: PageQuery<Filters>): Promise<RecordPage>;
  /** Returns those of the ids that no record has. */
  missing(ids: readonly string[]): Promise<readonly string[]>;
  /** Stores records with their ids, times and versions. Repeating it changes nothing, and tells the same. */
  importRecords(records: readonly ImportedRecord[]): Promise<readonly ImportOutcome[]>;
  /** Removes a deleted user from tasks. Resolves with false if some are left. */
  unassign(userId: string): Promise<boolean>;
  /** Imports records that are in KV but not in the table. */
  refill(): Promise<void>;
  /** Adopts the latest version of a record from version 0.1, or with null its deletion. */
  adopt(id: string, record: unknown): Promise<Adoption>;
}

/** The circumstances of a sign-up, or of the wish for another mail. */
export interface AskedBy extends Omit<Asking, "caller"> {
  readonly asker: Asker;
}

/** A sign-up that its address is to confirm. */
export interface SignUpRequest extends AskedBy {
  readonly user: User;
  /** The reply that is stored for repeats of its request. */
  readonly kept: KeptUnderKey | null;
}

/** Outcome of the use of a sign-up's link: `gone` if the sign-up is no more. */
export type Confirmation = "confirmed" | "gone";

/** Users, and those who are to become users. */
export interface UserTable extends RecordTable<UserFilters> {
  /**
   * Stores a sign-up until it is confirmed. Does the same for every address; what differs is done after the
   * reply. Repeating it with the same id changes nothing.
   */
  requestSignUp(request: SignUpRequest): Promise<void>;
  /** Makes a pending sign-up a user. Repeating it changes nothing. */
  confirm(id: string, origin: string): Promise<Confirmation>;
  /** Mails a pending sign-up another link, within the bounds of mails. */
  askAgain(id: string, asked: AskedBy): Promise<void>;
  /** Deletes a user, or the pending sign-ups of its address. Repeating it changes nothing. */
  unsubscribe(id: string): Promise<void>;
  /** The keys of signed links, replaced first if it is time. */
  linkKeys(): Promise<LinkKeys>;
  /** A keyed hash of a caller, for sign-ups that are made later. */
  callerKey(asker: Asker): Promise<string>;
}
