// The work of a batch, as its job keeps it.
import type { Language } from "../../lib/languages";
import type { Metadata } from "../records/metadata";
import type { OperationSource } from "../operations";
import type { BatchOptions } from "./batch-options";
import type { StoredLeave } from "./call-leave";
import type { DomainEvent } from "../notifications/events";

/** An event and who is told of it. */
export interface Announcement {
  readonly event: DomainEvent;
  readonly channels: readonly string[];
}

/** Runs a batch: the items are data for an operation, or bodies of requests to an endpoint. */
export interface BatchWork {
  readonly kind: "batch";
  /** The batch's id. */
  readonly id: string;
  readonly createdAt: number;
  readonly operation: unknown;
  readonly options: BatchOptions;
  /** Scheme and host that the batch was sent to: outgoing calls must not go back there. */
  readonly origin: string;
  /** True if it was sent with a token. */
  readonly hasToken: boolean;
  /** Leave to call other servers, of a caller without a token; absent if calls are not counted. */
  readonly leave?: StoredLeave;
  /** True if the items are records of an export. */
  readonly isImport?: boolean;
  /** For sign-ups that their address must confirm: the caller as a keyed hash, and the language of mails. */
  readonly signUps?: { readonly caller: string; readonly language: Language };
  /** Channels that get the event of the end, besides those that subscribe to it. */
  readonly notify: readonly string[];
  readonly label?: string;
  readonly metadata?: Metadata;
  /** The summary operation that is applied to the outputs at the end of each run. */
  readonly then?: OperationSource;
  /** Template of the call that each item, a row, makes. */
  readonly template?: unknown;
  /** Names of the columns of a batch that came as CSV. */
  readonly columns?: readonly string[];
  /** True if items have ids. */
  readonly hasIds?: boolean;
  /** The request that steered it last: the platform may repeat it, where its reply was lost. */
  readonly steeredBy?: string | undefined;
}

/** The request that steers a batch. */
export interface Steered {
  readonly requestId?: string;
  /** State that the batch must still show (`shownOf`), or it is refused; undefined for anything. */
  readonly shown?: string | undefined;
}

/** A chunk to be stored. */
export interface NewChunk {
  readonly first: number;
  readonly size: number;
  /** The JSON of its items in UTF-8, with commas between them: as bytes, since a long text is copied on its way. */
  readonly items: Uint8Array;
  /** Ids of the items in order, as a JSON array with null for none; absent if none has one. */
  readonly ids?: string;
}
