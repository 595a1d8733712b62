// The object of an upstream: it counts calls, and keeps the OAuth token that all callers share.
import type { Admission } from "../domain/calls/quota";
import { fetchToken, type FetchedToken } from "../domain/calls/oauth";
import type { Upstream } from "../domain/calls/upstreams";
import { FetchFailure } from "../domain/outgoing/outgoing-fetch";
import { readConfig } from "../env";
import { sha256Hex } from "../lib/sha256";
import { createOutgoing } from "../runtime/outgoing";
import type { TokenAnswer } from "../runtime/upstream-gates";
import type { UpstreamCounter } from "../storage/upstream-counter";

/** Milliseconds before its end at which a token is replaced: it must outlast the call that it is taken for. */
const RENEW_MS = 60_000;

/** Counts the calls of one upstream, and keeps its token. */
export class UpstreamKeeper {
  readonly #name: string;
  readonly #env: object;
  readonly #counter: UpstreamCounter;
  /** The fetch of a token that is under way, which all who ask meanwhile await. */
  #fetching: Promise<FetchedToken> | null = null;

  constructor(name: string, env: object, counter: UpstreamCounter) {
    this.#name = name;
    this.#env = env;
    this.#counter = counter;
  }

  async admit(address: string | null, withinMs: number, now: number): Promise<Admission> {
    const { quota } = this.#upstream();
    return quota === null
      ? { status: "admitted", waitMs: 0 }
      : this.#counter.admit(quota, address, withinMs, now);
  }

  /** @param refused a token that the upstream did not take */
  async accessToken(refused: string | null, now: number): Promise<TokenAnswer> {
    const { oauth2 } = this.#upstream();
    if (oauth2 === null) throw new TypeError("This upstream has no token");
    const client = await sha256Hex(JSON.stringify(oauth2));
    const kept = this.#counter.token;
    const isValid =
      kept?.client === client && kept.value !== refused && kept.expiresAt - RENEW_MS > now;
    if (isValid) return { status: "fetched", value: kept.value, expiresAt: kept.expiresAt };
    try {
      this.#fetching ??= fetchToken(oauth2, createOutgoing(readConfig(this.#env).config));
      const token = await this.#fetching;
      this.#counter.keepToken({ client, ...token });
      return { status: "fetched", ...token };
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error;
      return { status: "failed", code: error.code, detail: error.message };
    } finally {
      this.#fetching = null;
    }
  }

  #upstream(): Upstream {
    const upstream = readConfig(this.#env).config.upstreams.get(this.#name);
    if (upstream === undefined) throw new TypeError("UPSTREAMS has this name no more");
    return upstream;
  }
}
