// What callers without a token have used today (UTC).
//
// Table `callers`: caller = SHA-256 in hex of the day's salt and an address, or '' for all together; what
// each has used. Fact `day`: which day this is, and its salt. With the day both are thrown away: nobody
// can tell then whose rows they were. Writer: the object `callers`. Lifetime: until 00:00 UTC.
import {
  decideSpending,
  UNUSED,
  type Budgets,
  type Spending,
  type Used,
  type Uses,
} from "../domain/callers/budgets";
import { nextMidnight } from "../lib/next-midnight";
import { sha256Hex } from "../lib/sha256";
import type { Facts } from "./facts";
import { SHARED_SCHEMA } from "./record-table";

const CALLERS_SCHEMA = `
  CREATE TABLE callers (
    caller TEXT PRIMARY KEY,
    batches INTEGER NOT NULL,
    items INTEGER NOT NULL,
    calls INTEGER NOT NULL
  ) WITHOUT ROWID;`;

/** Statements by version. Append-only. */
export const CALLERS_MIGRATIONS: readonly string[] = [`${SHARED_SCHEMA}${CALLERS_SCHEMA}`];

/** All callers together, as a row among theirs. */
const ALL = "";

type Day = { readonly endsAt: number; readonly salt: string };
type Row = { batches: number; items: number; calls: number };

/** Rows of the day, each read and written with all that is decided by it. */
export class Callers {
  readonly #storage: DurableObjectStorage;
  readonly #facts: Facts;

  constructor(storage: DurableObjectStorage, facts: Facts) {
    this.#storage = storage;
    this.#facts = facts;
  }

  async spend(address: string, uses: Uses, budgets: Budgets, now: number): Promise<Spending> {
    // Where midnight comes while it is hashed, it counts for nobody in particular.
    const caller = await sha256Hex(`${this.#saltAt(now)}/${address}`);
    return this.#storage.transactionSync(() => {
      const [own, all] = [this.#read(caller), this.#read(ALL)];
      const decision = decideSpending(own, all, uses, budgets);
      if ("spent" in decision)
        return { status: "over", quota: decision.spent, left: decision.left };
      this.#write(caller, decision.own);
      this.#write(ALL, decision.all);
      return { status: "spent" };
    });
  }

  /** When the day is over, in milliseconds since 1970 UTC; Infinity where none has begun. */
  endsAt(): number {
    return this.#day?.endsAt ?? Infinity;
  }

  /** Throws away a day that is over. */
  sweep(now: number): void {
    if (this.endsAt() > now) return;
    this.#storage.transactionSync(() => {
      // Deleting rows would be billed for each.
      this.#storage.sql.exec(`DROP TABLE callers;${CALLERS_SCHEMA}`);
      this.#facts.write("day", null);
    });
  }

  get #day(): Day | undefined {
    // Written by this class, so the shape is known.
    return this.#facts.read("day") as Day | undefined;
  }

  #saltAt(now: number): string {
    this.sweep(now);
    const day = this.#day ?? { endsAt: nextMidnight(now), salt: crypto.randomUUID() };
    if (this.#day === undefined) this.#facts.write("day", day);
    return day.salt;
  }

  #read(caller: string): Used {
    const rows = this.#storage.sql.exec<Row>(
      "SELECT batches, items, calls FROM callers WHERE caller = ?",
      caller,
    );
    for (const row of rows) return row;
    return UNUSED;
  }

  #write(caller: string, { batches, items, calls }: Used): void {
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO callers (caller, batches, items, calls) VALUES (?, ?, ?, ?)",
      caller,
      batches,
      items,
      calls,
    );
  }
}
