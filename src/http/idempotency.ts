// The Idempotency-Key header: a creation that is repeated with its key happens once, and every repeat
// gets the first reply.
import { v7 } from "uuid";
import { DomainError } from "../domain/errors";
import type { CreationIds, KeptReply } from "../domain/records/idempotency";
import { sha256Hex } from "../lib/sha256";
import type { Call } from "./call";
import { addressGroup } from "./limits";
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

/**
 * Runs a request once under its key.
 *
 * @param fingerprint equal for equal requests
 * @param run makes the reply; what it throws is kept as well where it is a refusal
 * @param refusal the reply that a thrown refusal makes, or null for anything unexpected
 * @throws DomainError `idempotency-in-progress`, `idempotency-mismatch`
 */
export async function runOnce(
  call: Call,
  key: string,
  fingerprint: string,
  run: (ids: CreationIds) => Promise<KeptReply>,
  refusal: (thrown: unknown) => KeptReply | null,
): Promise<KeptReply> {
  const stub = call.env.IDEMPOTENCY_KEYS.getByName(
    await sha256Hex(JSON.stringify([scopeOf(call), key])),
  );
  const fresh = createIds();
  const turn = await stub.begin(fingerprint, fresh);
  if (turn.kind === "replay") {
    return { ...turn.reply, headers: { ...turn.reply.headers, "Idempotency-Replayed": "true" } };
  }
  if (turn.kind === "mismatch") {
    throw new DomainError(
      "idempotency-mismatch",
      "This Idempotency-Key was used for a different request.",
    );
  }
  if (turn.kind === "wait") {
    const { seconds: retryAfterSeconds } = turn;
    throw new DomainError(
      "idempotency-in-progress",
      "The first request with this key is still running.",
      {
        retryAfterSeconds,
      },
    );
  }
  try {
    const reply = await run(turn.ids);
    await stub.finish(keep(call, reply));
    return reply;
  } catch (thrown) {
    const reply = refusal(thrown);
    if (reply !== null) await stub.finish(keep(call, reply));
    // What was refused for how it came may come again, put right, under the same key; but not where an
    // earlier run of it was cut off, which may have left something under the ids.
    else if (isOurs(thrown) && turn.ids.v4 === fresh.v4) await stub.forget();
    else await stub.release();
    throw thrown;
  }
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof HttpError || thrown instanceof DomainError;
}

/** The request id goes with the reply: it stands in the body of a problem. */
function keep({ requestId }: Call, reply: KeptReply): KeptReply {
  return { ...reply, headers: { ...reply.headers, "Request-Id": requestId } };
}

/** Whose keys these are: one caller's cannot meet another's. */
function scopeOf({ caller, config, request, route }: Call): string[] {
  const who =
    caller.kind === "token"
      ? new TextDecoder().decode(config.tokens[caller.index])
      : addressGroup(request.headers.get("CF-Connecting-IP") ?? "");
  return [caller.kind, who, request.method, route];
}
