// Counts operations: since the last `reset` by binding, and since midnight for the quotas of the free plan.
import { NOTHING, type Operations } from "../../bench/cost-table";

/** The length of the platform's day, which begins at 00:00 UTC. */
export const DAY_MS = 24 * 60 * 60_000;

/** Operations that the free plan ends for the day. Alarms use up object requests too. */
export type Quotas = Pick<
  Operations,
  "kvReads" | "kvWrites" | "kvDeletes" | "kvLists" | "objectRequests" | "rowsWritten"
>;

/** The free plan's quotas of a day, for all bindings together. */
export const FREE_PLAN: Quotas = {
  kvReads: 100_000,
  kvWrites: 1000,
  kvDeletes: 1000,
  kvLists: 1000,
  objectRequests: 100_000,
  rowsWritten: 100_000,
};

/** Operations done, and attempts that were refused or failed. */
export interface Counts extends Operations {
  readonly kvRefused: number;
  readonly objectsRefused: number;
  readonly writesRefused: number;
  readonly outgoingRefused: number;
  /** Alarms whose handler threw, and those given up after six retries of it. */
  readonly alarmsFailed: number;
  readonly alarmsDropped: number;
}

const NO_COUNTS: Counts = {
  ...NOTHING,
  kvRefused: 0,
  objectsRefused: 0,
  writesRefused: 0,
  outgoingRefused: 0,
  alarmsFailed: 0,
  alarmsDropped: 0,
};

interface Cursor {
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/** Counts operations. */
export class Ledger {
  readonly #quotas: Quotas;
  readonly #counts = new Map<string, Record<keyof Counts, number>>();
  readonly #today = new Map<keyof Counts, number>();
  #day = 0;

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  /** Counts an operation of a binding. */
  count(binding: string, name: keyof Counts, times = 1): void {
    this.#of(binding)[name] += times;
    this.#today.set(name, this.#usedToday(name) + times);
  }

  /** Counts the rows of a statement that has run: those that it reads until its object waits for something. */
  countRows(binding: string, cursor: Cursor): void {
    this.count(binding, "rowsWritten", cursor.rowsWritten);
    // A cursor belongs to its object: once that has waited, another one may be running.
    queueMicrotask(() => {
      this.#of(binding).rowsRead += cursor.rowsRead;
    });
  }

  /** True once the day's quota is used up. */
  isSpent(name: keyof Quotas): boolean {
    const alarms = name === "objectRequests" ? this.#usedToday("alarms") : 0;
    return this.#usedToday(name) + alarms >= this.#quotas[name];
  }

  /** Uses up what is left of the day's quota, as another Worker of the account may. */
  spend(name: keyof Quotas): void {
    this.#usedToday(name);
    this.#today.set(name, Infinity);
  }

  /** Counts since the last reset, of one binding or of all. */
  read(binding?: string): Counts {
    const sum = { ...NO_COUNTS };
    for (const [name, counts] of this.#counts) {
      if (binding === undefined || binding === name) add(sum, counts);
    }
    return sum;
  }

  /** Begins to count at nothing. The use of the day stays. */
  reset(): void {
    this.#counts.clear();
  }

  #of(binding: string): Record<keyof Counts, number> {
    const counts = this.#counts.get(binding) ?? { ...NO_COUNTS };
    this.#counts.set(binding, counts);
    return counts;
  }

  #usedToday(name: keyof Counts): number {
    const day = Math.floor(Date.now() / DAY_MS);
    if (day !== this.#day) this.#today.clear();
    this.#day = day;
    return this.#today.get(name) ?? 0;
  }
}

function add(sum: Record<keyof Counts, number>, more: Counts): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += more[name];
}
