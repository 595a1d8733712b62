// Maps the entries of a list by an item operation, in place, with pauses for other requests.
import { type Entries, FAILED } from "./entries";
import type { ItemFunction, Run } from "./operation";
import type { Price } from "./price";

/** The run that a mapping belongs to. */
interface MappingRun extends Run {
  /** Stores an output in the place of its item. Throws `ItemError` for one that is too large by itself. */
  readonly put: (values: unknown[], at: number, output: unknown) => void;
}

/** Work between two looks at whether a pause is due. */
const WORK_BETWEEN_LOOKS = 10_000;

/** Maps entries by an item operation, with pauses. */
export class Mapping {
  /** Outputs that are awaited; they are awaited together. */
  readonly pending: Promise<void>[] = [];
  readonly #entries: Entries;
  readonly #price: Price;
  readonly #apply: ItemFunction;
  readonly #run: MappingRun;
  #at = 0;

  constructor(entries: Entries, price: Price, apply: ItemFunction, run: MappingRun) {
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

  /** The texts that follow the one that is being mapped. */
  *ahead(): Generator<string> {
    const { values } = this.#entries;
    for (let at = this.#at + 1; at < values.length; at += 1) {
      const value = values[at];
      if (typeof value === "string") yield value;
    }
  }

  /** Continues with the entries until a pause is due. Returns true once none is left. */
  next(): boolean {
    const { per_item, per_character } = this.#price;
    const [{ values }, apply, run] = [this.#entries, this.#apply, this.#run];
    let units = 0;
    for (let at = this.#at; at < values.length; at += 1) {
      const value = values[at];
      if (value === FAILED) continue;
      this.#at = at;
      try {
        const output = apply(value, run);
        if (output instanceof Promise) this.pending.push(this.#settle(at, output));
        else run.put(values, at, output);
        // What is made takes memory, whose turn comes with a pause.
        if (typeof output === "string") units += output.length;
      } catch (error) {
        this.#refuse(at, error);
      }
      units += typeof value === "string" ? per_item + per_character * value.length : per_item;
      if (units < WORK_BETWEEN_LOOKS) continue;
      const isPauseDue = run.work(units);
      units = 0;
      if (!isPauseDue) continue;
      this.#at = at + 1;
      return false;
    }
    this.#at = values.length;
    run.work(units);
    return true;
  }

  async #settle(at: number, output: Promise<unknown>): Promise<void> {
    try {
      this.#run.put(this.#entries.values, at, await output);
    } catch (error) {
      this.#refuse(at, error);
    }
  }

  #refuse(at: number, error: unknown): void {
    this.#entries.values[at] = this.#run.refuse(this.#entries.index(at), error);
  }
}
