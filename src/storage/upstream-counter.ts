// Stores what the calls of one upstream have used today (UTC), and its OAuth token.
//
// Table `upstream_callers`: caller = SHA-256 in hex of the day's salt and an address, the beginning of its
// window, and calls in it; lifetime: until 00:00 UTC, with the salt (see day-salt.ts). Fact `quota`: the next turn, and
// the calls of the day. Fact `token`: the token, in clear, until it is replaced. Writer: the object `upstream:<name>`.
import {
  decideAdmission,
  UNUSED_CALLER,
  UNUSED_QUOTA,
  type Admission,
  type CallerState,
  type Quota,
  type QuotaState,
} from "../domain/calls/quota";
import { sha256Hex } from "../lib/sha256";
import { DaySalt } from "./day-salt";
import type { Facts } from "./facts";
import { SHARED_SCHEMA } from "./record-table";

const CALLERS_SCHEMA = `
  CREATE TABLE upstream_callers (
    caller TEXT PRIMARY KEY,
    window_from INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) WITHOUT ROWID;`;

/** Migrations, append-only. */
export const UPSTREAM_MIGRATIONS: readonly string[] = [`${SHARED_SCHEMA}${CALLERS_SCHEMA}`];

type Row = { window_from: number; used: number };

/** A token as it is kept, with the digest of the client that it was given to. */
export interface KeptToken {
  readonly client: string;
  readonly value: string;
  readonly expiresAt: number;
}

/** The counts of one upstream. Each decision reads and writes them in one transaction. */
export class UpstreamCounter {
  readonly #storage: DurableObjectStorage;
  readonly #facts: Facts;
  readonly #salt: DaySalt;

  constructor(storage: DurableObjectStorage, facts: Facts) {
    this.#storage = storage;
    this.#facts = facts;
    this.#salt = new DaySalt(facts);
  }

  /**
   * Counts one call, if it may be made.
   *
   * @param address of a caller without a token; null for others
   */
  async admit(
    quota: Quota,
    address: string | null,
    withinMs: number,
    now: number,
  ): Promise<Admission> {
    this.sweep(now);
    const salt = this.#salt.at(now);
    const isCounted = address !== null && quota.perCaller !== null;
    const caller = isCounted ? await sha256Hex(`${salt}/${address}`) : null;
    return this.#storage.transactionSync(() => {
      const used = { state: this.#state, caller: caller === null ? null : this.#read(caller) };
      const decision = decideAdmission(quota, used, now, withinMs);
      if (decision.status === "refused") return decision;
      this.#facts.write("quota", decision.state);
      if (caller !== null) this.#write(caller, decision.caller);
      return { status: "admitted", waitMs: decision.waitMs };
    });
  }

  /** The end of the stored day, in milliseconds since 1970 UTC; Infinity if there is none. */
  endsAt(): number {
    return this.#salt.endsAt;
  }

  /** Deletes the rows and the salt of a day that has ended. */
  sweep(now: number): void {
    if (this.endsAt() > now) return;
    this.#storage.transactionSync(() => {
      // The table is dropped, since each deleted row would be billed.
      this.#storage.sql.exec(`DROP TABLE upstream_callers;${CALLERS_SCHEMA}`);
      this.#facts.write("quota", { ...this.#state, used: 0 });
      this.#salt.forget();
    });
  }

  // The facts below are not validated, since only this class writes them.

  /** The token that is kept; null if there is none. */
  get token(): KeptToken | null {
    return (this.#facts.read("token") as KeptToken | undefined) ?? null;
  }

  keepToken(token: KeptToken): void {
    this.#facts.write("token", token);
  }

  get #state(): QuotaState {
    return (this.#facts.read("quota") as QuotaState | undefined) ?? UNUSED_QUOTA;
  }

  #read(caller: string): CallerState {
    const rows = this.#storage.sql.exec<Row>(
      "SELECT window_from, used FROM upstream_callers WHERE caller = ?",
      caller,
    );
    for (const { window_from, used } of rows) return { from: window_from, used };
    return UNUSED_CALLER;
  }

  #write(caller: string, { from, used }: CallerState): void {
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO upstream_callers (caller, window_from, used) VALUES (?, ?, ?)",
      caller,
      from,
      used,
    );
  }
}
