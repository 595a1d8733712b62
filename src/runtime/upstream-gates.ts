// Gates of upstreams with quotas or a token: each asks the upstream's object, which all invocations share.
import type { Admission } from "../domain/calls/quota";
import type { AccessToken, UpstreamGate } from "../domain/calls/upstream-gate";
import type { Upstream } from "../domain/calls/upstreams";
import { FetchFailure, type FailureCode } from "../domain/outgoing/outgoing-fetch";
import { systemClock } from "./clock";
import { openObject } from "./objects";
import type { TablesEnv } from "./tables";

/** An upstream's token, or the reason why there is none. */
export type TokenAnswer =
  | { readonly status: "fetched"; readonly value: string; readonly expiresAt: number }
  | { readonly status: "failed"; readonly code: FailureCode; readonly detail: string };

/** The Durable Object of an upstream, which counts its calls and keeps its token. */
interface UpstreamObject {
  admit(address: string | null, withinMs: number): Promise<Admission>;
  accessToken(refused: string | null): Promise<TokenAnswer>;
}

/** Milliseconds for which an isolate uses a token without asking: another may have replaced it. */
const KEEP_TOKEN_MS = 60_000;

interface KnownToken extends AccessToken {
  readonly askAgainAt: number;
}

/** Tokens that this isolate uses, by the upstream's fingerprint. */
const tokens = new Map<string, KnownToken>();
const MAX_TOKENS = 100;

/**
 * Creates the gate of an upstream for one caller.
 *
 * @param caller the address of a caller without a token; null for others
 */
export function createGate(
  { TABLES }: TablesEnv,
  upstream: Upstream,
  caller: string | null,
): UpstreamGate {
  const object = openObject<UpstreamObject>(() => TABLES.getByName(`upstream:${upstream.name}`));
  return {
    waitForTurn: async (limit) => {
      const admission = await ask(() => object.admit(caller, limit.at - systemClock.now()));
      if (admission.status === "refused")
        throw new FetchFailure("quota-exceeded", admission.detail);
      if (admission.waitMs > 0) await systemClock.sleep(admission.waitMs, limit.signal);
    },
    accessToken: async (refused) => {
      const known = tokens.get(upstream.fingerprint);
      const now = systemClock.epochNow();
      if (known !== undefined && known.value !== refused && known.askAgainAt > now) return known;
      const answer = await ask(() => object.accessToken(refused));
      if (answer.status === "failed") throw new FetchFailure(answer.code, answer.detail);
      return remember(upstream, answer.value, Math.min(answer.expiresAt, now + KEEP_TOKEN_MS));
    },
  };
}

function remember(
  { fingerprint, secrets }: Upstream,
  value: string,
  askAgainAt: number,
): AccessToken {
  const known = tokens.get(fingerprint);
  const listed = known?.value === value ? known.secrets : null;
  // An answer may still echo the token before this one.
  const former = known === undefined ? [] : [known.value];
  const token = { value, askAgainAt, secrets: listed ?? [...secrets, value, ...former] };
  if (tokens.size >= MAX_TOKENS) tokens.clear();
  tokens.set(fingerprint, token);
  return token;
}

/** Asks the object, and refuses the call if it cannot be asked: a quota must hold. */
async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch {
    throw new FetchFailure(
      "quota-exceeded",
      "What counts this upstream's calls cannot be asked for now.",
    );
  }
}
