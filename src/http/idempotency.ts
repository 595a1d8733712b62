// The Idempotency-Key header: a creation that is repeated with its key happens once, and every repeat
// gets the first reply.
import { v7 } from "uuid";
import { DomainError } from "../domain/errors";
import type {
  CreationIds,
  KeptReply,
  KeptUnderKey,
  KeyTable,
  Memory,
  TableName,
  Turn,
} from "../domain/idempotency";
import { sha256Hex } from "../lib/sha256";
import { keysIn } from "../runtime/tables";
import type { RequestContext, Caller } from "./request-context";
import { callerAddress } from "./limits";
import { HttpError } from "./problem";

/** A Structured-Field string, or the same characters bare, as most clients send them. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const BARE = /^[\x21\x23-\x7e]+$/;
const MAX_KEY_CHARACTERS = 255;

/** Fresh ids for what a request creates. */
export function createIds(): CreationIds {
  return { v4: crypto.randomUUID(), v7: v7() };
}

/**
 * The key of a request, or null where it sends none.
 *
 * @throws HttpError `malformed-request`
 */
export function parseIdempotencyKey(headers: Headers): string | null {
  const field = headers.get("Idempotency-Key")?.trim();
  if (field === undefined) return null;
  const key = QUOTED.exec(field)?.[1]?.replace(/\\(.)/g, "$1") ?? (BARE.test(field) ? field : "");
  if (key.length >= 1 && key.length <= MAX_KEY_CHARACTERS) return key;
  throw new HttpError(
    "malformed-request",
    "Idempotency-Key must be a string of 1 to 255 characters.",
  );
}

/** A digest that is equal for equal requests. If the body is a stream, it is known only once that is read. */
export type Fingerprint =
  | string
  | {
      readonly of: (digest: string) => Promise<string>;
      /** Reads the body to its end. */
      readonly readDigest: () => Promise<string>;
    };

/** A request under its key. */
export interface KeyedRequest {
  /** The table that keeps its reply. */
  readonly table: TableName;
  readonly key: string;
  readonly memory: Memory;
  readonly fingerprint: Fingerprint;
  /** The ids of what it creates, unless an earlier run of it was cut off, which had its own. */
  readonly fresh: CreationIds;
  /**
   * Makes the reply; what it throws is kept as well where it is a refusal.
   *
   * @param keep gives what the table is to keep together with what the request creates
   * @param begin to be called once the caller is admitted, before anything is done; for a body that is a
   * stream with its digest
   */
  run(
    ids: CreationIds,
    keep: (reply: KeptReply) => KeptUnderKey,
    begin: (digest: string | null) => Promise<void>,
  ): Promise<KeptReply>;
  /** The reply that a thrown refusal makes, or null for anything unexpected. */
  refusal(thrown: unknown): KeptReply | null;
}

/**
 * Runs a request once under its key.
 *
 * @throws DomainError `idempotency-in-progress`, `idempotency-mismatch`, `gone`
 */
export async function runOnce(context: RequestContext, request: KeyedRequest): Promise<KeptReply> {
  const { table, key: text, memory, fingerprint, fresh } = request;
  const keys = keysIn(context.env, table);
  const key = await sha256Hex(JSON.stringify([scopeOf(context, text), text]));
  // Whoever is refused must not have caused a write: of callers without a token there may be any number.
  const isStream = typeof fingerprint !== "string";
  let hasBegun = context.caller.kind === "token" && !isStream;
  const turn = isStream
    ? await turnOfStream(keys, key, fingerprint, fresh)
    : runnable(await keys[hasBegun ? "begin" : "peek"](key, fingerprint, fresh, memory));
  if (turn.kind === "replay") {
    return { ...turn.reply, headers: { ...turn.reply.headers, "Idempotency-Replayed": "true" } };
  }
  const begin = async (digest: string | null) => {
    // The caller of a stream is admitted before its digest is known.
    if (hasBegun || (isStream && digest === null)) return;
    const known = isStream ? await fingerprint.of(digest ?? "") : fingerprint;
    const begun = runnable(await keys.begin(key, known, turn.ids, memory));
    // The same request was here meanwhile. Its reply, or its ids, are for the next repeat.
    if (begun.kind === "replay" || begun.ids.v4 !== turn.ids.v4) throw inProgress(1);
    hasBegun = true;
  };
  let isKept = false;
  const keepWith = (reply: KeptReply) => {
    isKept = true;
    return { key, reply: signed(context, reply) };
  };
  try {
    const reply = await request.run(turn.ids, keepWith, begin);
    // Most are kept already, together with what was created. What is left tells of a batch, whose id this is.
    if (!isKept) await keys.finish(key, signed(context, reply), turn.ids.v4);
    return reply;
  } catch (thrown) {
    if (!hasBegun) throw thrown;
    const reply = request.refusal(thrown);
    if (reply !== null) await keys.finish(key, signed(context, reply), null);
    // A request refused for its form may come again, put right, under the same key; but not where an
    // earlier run of it was cut off, which may have left something under the ids.
    else if (isOurs(thrown) && turn.ids.v4 === fresh.v4) await keys.forget(key);
    else await keys.release(key);
    throw thrown;
  }
}

/** The turn of a request whose body is a stream: to run, unless an earlier request has an outcome. */
async function turnOfStream(
  keys: KeyTable,
  key: string,
  { of, readDigest }: Exclude<Fingerprint, string>,
  fresh: CreationIds,
): Promise<Extract<Turn, { kind: "run" | "replay" }>> {
  const ids = await keys.look(key);
  if (ids !== "settled") return { kind: "run", ids: ids ?? fresh };
  const turn = runnable(await keys.peek(key, await of(await readDigest()), fresh));
  // It expired meanwhile, and the body is read.
  if (turn.kind === "run") throw inProgress(1);
  return turn;
}

/** Returns a turn that is to run or to replay. @throws DomainError for any other */
function runnable(turn: Turn): Extract<Turn, { kind: "run" | "replay" }> {
  switch (turn.kind) {
    case "run":
    case "replay":
      return turn;
    case "gone":
      throw new DomainError(
        "gone",
        "What this Idempotency-Key created was deleted. Send a new key.",
      );
    case "mismatch":
      throw new DomainError(
        "idempotency-mismatch",
        "This Idempotency-Key was used for a different request.",
      );
    case "wait":
      throw inProgress(turn.seconds);
  }
}

function inProgress(retryAfterSeconds: number): DomainError {
  const detail = "The first request with this key is still running.";
  return new DomainError("idempotency-in-progress", detail, { retryAfterSeconds });
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof HttpError || thrown instanceof DomainError;
}

/** The request id goes with the reply: it stands in the body of a problem. */
function signed({ requestId }: RequestContext, reply: KeptReply): KeptReply {
  return { ...reply, headers: { ...reply.headers, "Request-Id": requestId } };
}

/** The scope of a key: one caller's cannot meet another's. */
function scopeOf({ caller, request, route }: RequestContext, key: string): string[] {
  return [...ownerOf(caller, request.headers, key), request.method, route];
}

function ownerOf(caller: Caller, headers: Headers, key: string): string[] {
  if (caller.kind === "token") return [caller.kind, caller.token.holder];
  // Only its maker knows such a key, also from another network's address.
  if (isUnguessable(key)) return [caller.kind];
  return [caller.kind, callerAddress(headers)];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Only the fourth version is random (RFC 9562 §5.4). */
const UUID_V4 = /^.{14}4.{4}[89ab]/i;
const HEX = /^[0-9a-f]+$/i;
const HEX_128_BITS = /^.{32,}$/;
const BASE64URL_128_BITS = /^[\w-]{22,}$/;

/** Tells if a key is as long as 128 random bits: nobody meets it by chance, or by trying. */
function isUnguessable(key: string): boolean {
  if (UUID.test(key)) return UUID_V4.test(key);
  return (HEX.test(key) ? HEX_128_BITS : BASE64URL_128_BITS).test(key);
}
