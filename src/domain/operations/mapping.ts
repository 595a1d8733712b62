// Maps the entries of a list by an item operation, in place, with pauses for other requests.
import type { Entry, ItemFunction, Run } from "./operation";
import type { Price } from "./price";

/** An entry while its pipeline runs: outputs take the place of inputs, whose memory becomes free. */
export type Place = { -readonly [K in keyof Entry]: Entry[K] };

/** The run that a mapping belongs to. */
interface MappingRun extends Run {
  /** Stores an output in the place of its item. Throws `ItemError` for one that is too large by itself. */
  readonly put: (entries: readonly Place[], at: number, output: unknown) => void;
}

/** Maps entries by an item operation, with pauses. */
export class Mapping {
  /** Outputs that are awaited; they are awaited together. */
  readonly pending: Promise<void>[] = [];
  readonly #entries: readonly Place[];
  readonly #price: Price;
  readonly #apply: ItemFunction;
  readonly #run: MappingRun;
  #at = 0;

  constructor(entries: readonly Place[], price: Price, apply: ItemFunction, run: MappingRun) {
    this.#entries = entries;
    this.#price = price;
    this.#apply = apply;
    this.#run = run;
  }

  async rest(): Promise<void> {
    do {
      await Promise.all(this.pending.splice(0));
      if (this.#run.work(0)) await this.#run.pause();
    } while (!this.next());
    await Promise.all(this.pending);
  }

  /** Continues with the entries until a pause is due. Returns true once none is left. */
  next(): boolean {
    const { per_item, per_character } = this.#price;
    for (; this.#at < this.#entries.length; this.#at += 1) {
      const entry = this.#entries[this.#at];
      if (entry === undefined || entry.failed) continue;
      const { value } = entry;
      const chars = typeof value === "string" ? value.length : 0;
      if (!this.#map(this.#at, value, per_item + per_character * chars)) continue;
      this.#at += 1;
      return false;
    }
    return true;
  }

  /** Maps one entry. Returns true if a pause is due. */
  #map(at: number, value: unknown, units: number): boolean {
    let made = 0;
    try {
      const output = this.#apply(value, this.#run);
      if (output instanceof Promise) this.pending.push(this.#settle(at, output));
      else this.#run.put(this.#entries, at, output);
      // What is made takes memory, whose turn comes with the next pause.
      made = typeof output === "string" ? output.length : 0;
    } catch (error) {
      this.#refuse(at, error);
    }
    return this.#run.work(units + made);
  }

  async #settle(at: number, output: Promise<unknown>): Promise<void> {
    try {
      this.#run.put(this.#entries, at, await output);
    } catch (error) {
      this.#refuse(at, error);
    }
  }

  #refuse(at: number, error: unknown): void {
    const entry = this.#entries[at];
    if (entry === undefined) throw error;
    Object.assign(entry, this.#run.refuse(entry, error));
  }
}
