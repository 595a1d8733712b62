// One request, once: what is remembered under an Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header-07).

/** Milliseconds for which a reply is kept for repeats. */
export const KEEP_REPLY_MS = 24 * 60 * 60_000;
/** Milliseconds for which the same form from the same caller counts as a doubled submit. */
export const DOUBLED_SUBMIT_MS = 10_000;

/**
 * The time in which a request counts as a repeat: a day under an Idempotency-Key; for a moment if the caller sent
 * none, and not if the record was deleted since.
 */
export type Memory = "day" | "moment";

/**
 * Milliseconds after which the first request is taken for dead: longer than any handler runs. At worst both run, with
 * the same ids.
 */
export const LEASE_MS = 30_000;

/** A reply as it was first sent. */
export interface KeptReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | null;
}

/** Ids for what the request creates. They stay the same when it has to be run again after a crash. */
export interface CreationIds {
  readonly v4: string;
  readonly v7: string;
}

/** A request as it is remembered under its key. */
export interface KeptRequest {
  /** Equal for equal requests. */
  readonly fingerprint: string;
  readonly ids: CreationIds;
  /** Milliseconds since 1970 UTC. */
  readonly leasedUntil: number;
  readonly reply: KeptReply | null;
  /** True once the record that the reply told of was deleted, and the reply with it. */
  readonly isGone: boolean;
}

/** The next step of a request with a key. */
export type Turn =
  | { readonly kind: "run"; readonly ids: CreationIds }
  | { readonly kind: "replay"; readonly reply: KeptReply }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "mismatch" }
  | { readonly kind: "gone" };

/** Decides a request's turn, and what to keep where that changes. */
export function takeTurn(
  kept: KeptRequest | null,
  fingerprint: string,
  fresh: CreationIds,
  now: number,
): { turn: Turn; keep: Omit<KeptRequest, "isGone"> | null } {
  if (kept !== null && kept.fingerprint !== fingerprint) {
    return { turn: { kind: "mismatch" }, keep: null };
  }
  if (kept?.isGone) return { turn: { kind: "gone" }, keep: null };
  if (kept !== null && kept.reply !== null)
    return { turn: { kind: "replay", reply: kept.reply }, keep: null };
  // The platform may repeat the call of this very request, which waits for no other than itself.
  const isOther = kept !== null && kept.ids.v4 !== fresh.v4;
  // Most requests take far less than their lease: ask again soon.
  if (isOther && kept.leasedUntil > now) return { turn: { kind: "wait", seconds: 1 }, keep: null };
  // A crash may have left something created under the first ids: the same ones find it again.
  const ids = kept?.ids ?? fresh;
  return {
    turn: { kind: "run", ids },
    keep: { fingerprint, ids, leasedUntil: now + LEASE_MS, reply: null },
  };
}

/** A reply under its Idempotency-Key, which stands here as a digest. */
export interface KeptUnderKey {
  readonly key: string;
  readonly reply: KeptReply;
}

/** Names of the tables that keep Idempotency-Keys; each is one object of this name. */
export const TABLE_NAMES = ["users", "tasks", "batches"] as const;
/** One of TABLE_NAMES. */
export type TableName = (typeof TABLE_NAMES)[number];

/** Requests under Idempotency-Keys. */
export interface KeyTable {
  /** Returns the turn that a request would have, and writes nothing. */
  peek(key: string, fingerprint: string, fresh: CreationIds, memory?: Memory): Promise<Turn>;
  /**
   * The ids of an earlier request that was cut off; null where there is none, `settled` where it runs or has
   * an outcome. Writes nothing.
   */
  look(key: string): Promise<CreationIds | "settled" | null>;
  /** Starts a request, or returns the outcome of an earlier one. */
  begin(key: string, fingerprint: string, fresh: CreationIds, memory?: Memory): Promise<Turn>;
  /** Keeps a reply, until what it tells of is deleted. @param recordId of that, or null */
  finish(key: string, reply: KeptReply, recordId: string | null): Promise<void>;
  /** Ends the lease of a request that failed, so that the next equal one runs. */
  release(key: string): Promise<void>;
  /** Deletes the key of a request that was refused before anything was done. */
  forget(key: string): Promise<void>;
}
