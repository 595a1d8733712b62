// Stores what callers without a token used today (UTC).
//
// Table `callers`: caller = SHA-256 in hex of the day's salt and an address, or '' for all callers together,
// and the amounts that each has used; last = the id of its last use. Writer: the object `callers`. Lifetime: until 00:00 UTC, with the salt (see
// day-salt.ts).
import {
  decideSpending,
  UNUSED,
  type Budgets,
  type Spending,
  type Used,
  type Uses,
} from "../domain/callers/budgets";
import { sha256Hex } from "../lib/sha256";
import { DaySalt } from "./day-salt";
import type { Facts } from "./facts";
import { SHARED_SCHEMA } from "./record-table";

/** SQL that creates the table, with columns that have come since. */
const schemaWith = (columns: string) => `
  CREATE TABLE callers (
    caller TEXT PRIMARY KEY,
    batches INTEGER NOT NULL,
    items INTEGER NOT NULL,
    calls INTEGER NOT NULL
    ${columns}
  ) WITHOUT ROWID;`;

/** Migrations, append-only. */
export const CALLERS_MIGRATIONS: readonly string[] = [
  `${SHARED_SCHEMA}${schemaWith("")}`,
  "ALTER TABLE callers ADD COLUMN last TEXT",
];

/** Key of the row that counts all callers together. */
const ALL = "";

type Row = { batches: number; items: number; calls: number; last: string | null };

/** Rules and circumstances of a use. */
interface Use {
  readonly budgets: Budgets;
  readonly id: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** The amounts of the day. Each decision reads and writes them in one transaction. */
export class Callers {
  readonly #storage: DurableObjectStorage;
  readonly #salt: DaySalt;

  constructor(storage: DurableObjectStorage, facts: Facts) {
    this.#storage = storage;
    this.#salt = new DaySalt(facts);
  }

  async spend(address: string, uses: Uses, { budgets, id, now }: Use): Promise<Spending> {
    this.sweep(now);
    // If midnight comes during the hashing, the row has the old salt, so it counts for no caller of the new day.
    const caller = await sha256Hex(`${this.#salt.at(now)}/${address}`);
    return this.#storage.transactionSync(() => {
      const [{ last, ...own }, { last: _, ...all }] = [this.#read(caller), this.#read(ALL)];
      // The reply to it was lost.
      if (last === id) return { status: "spent" };
      const decision = decideSpending(own, all, uses, budgets);
      if ("spent" in decision)
        return { status: "over", quota: decision.spent, left: decision.left };
      this.#write(caller, decision.own, id);
      this.#write(ALL, decision.all, null);
      return { status: "spent" };
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
      this.#storage.sql.exec(`DROP TABLE callers;${schemaWith(", last TEXT")}`);
      this.#salt.forget();
    });
  }

  #read(caller: string): Row {
    const rows = this.#storage.sql.exec<Row>(
      "SELECT batches, items, calls, last FROM callers WHERE caller = ?",
      caller,
    );
    for (const row of rows) return row;
    return { ...UNUSED, last: null };
  }

  #write(caller: string, { batches, items, calls }: Used, last: string | null): void {
    this.#storage.sql.exec(
      "INSERT OR REPLACE INTO callers (caller, batches, items, calls, last) VALUES (?, ?, ?, ?, ?)",
      caller,
      batches,
      items,
      calls,
      last,
    );
  }
}
