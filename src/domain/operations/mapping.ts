// Maps the entries of a list by an item operation, in place, with pauses for other requests.
import { type Entries, FAILED } from "./entries";
import { type Held, SHORT_CHARS } from "./held";
import { forgetMatched } from "../../lib/matches";
import { finished, isMade } from "./made";
import type { ItemFunction, Run } from "./operation";
import type { Price } from "./price";

/** The step of a mapping. */
export interface ItemStep {
  readonly price: Price;
  readonly apply: ItemFunction;
}

/** The run that a mapping belongs to. */
interface MappingRun extends Run {
  readonly held: Held;
}

/** Work between two looks at whether a pause is due. */
const WORK_BETWEEN_LOOKS = 10_000;

/** Maps entries by an item operation, with pauses. */
export class Mapping {
  /** Outputs that are awaited; they are awaited together. Most steps have none. */
  #pending: Promise<void>[] | undefined;
  readonly #entries: Entries;
  readonly #step: ItemStep;
  readonly #run: MappingRun;
  readonly #isWritten: boolean;
  #at = 0;
  /** Short texts that were stored and are not counted yet, their characters, and how many there may be. */
  #texts = 0;
  #chars = 0;
  #room: number;

  /** @param isWritten true if nothing but the JSON of its outputs is wanted */
  constructor(entries: Entries, step: ItemStep, run: MappingRun, isWritten: boolean) {
    this.#isWritten = isWritten;
    this.#entries = entries;
    this.#step = step;
    this.#run = run;
    this.#room = run.held.room;
  }

  async rest(): Promise<void> {
    do {
      await Promise.all(this.#pending?.splice(0) ?? []);
      if (this.#run.work(0)) await this.#run.pause();
    } while (!this.next());
    await Promise.all(this.#pending ?? []);
  }

  /** True if some outputs are awaited. */
  get isPending(): boolean {
    return this.#pending !== undefined;
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
    const { price, apply } = this.#step;
    const { per_item, per_character } = price;
    const { values } = this.#entries;
    const run = this.#run;
    let units = 0;
    for (let at = this.#at; at < values.length; at += 1) {
      const value = values[at];
      if (value === FAILED) continue;
      this.#at = at;
      const chars = typeof value === "string" ? value.length : 0;
      try {
        const output = apply(value, run);
        if (typeof output === "string") this.#putText(at, output);
        else if (output instanceof Promise) (this.#pending ??= []).push(this.#settle(at, output));
        else this.#put(at, output);
        // Characters beyond those that were there take memory, whose turn comes with a pause.
        if (typeof output === "string") units += Math.max(0, output.length - chars);
      } catch (error) {
        run.held.addFailed(chars);
        this.#refuse(at, error);
      }
      if (chars > SHORT_CHARS) forgetMatched();
      units += per_item + per_character * chars;
      if (units < WORK_BETWEEN_LOOKS) continue;
      const isPauseDue = run.work(units);
      units = 0;
      if (!isPauseDue) continue;
      this.#at = at + 1;
      this.#count();
      return false;
    }
    this.#at = values.length;
    this.#count();
    run.work(units);
    return true;
  }

  /** Stores an output that is a text. Short ones are counted together: most outputs are, and each count takes time. */
  #putText(at: number, text: string): void {
    if (text.length > SHORT_CHARS || this.#texts >= this.#room) return this.#put(at, text);
    this.#entries.values[at] = text;
    this.#texts += 1;
    this.#chars += text.length;
  }

  #put(at: number, output: unknown): void {
    this.#count();
    const value = isMade(output) ? finished(output, this.#isWritten) : output;
    this.#run.held.put(this.#entries.values, at, value);
    this.#room = this.#run.held.room;
  }

  /** Counts the short texts since the last time. */
  #count(): void {
    this.#run.held.addTexts(this.#texts, this.#chars);
    this.#room -= this.#texts;
    this.#texts = 0;
    this.#chars = 0;
  }

  async #settle(at: number, output: Promise<unknown>): Promise<void> {
    try {
      this.#put(at, await output);
    } catch (error) {
      this.#refuse(at, error);
    }
  }

  #refuse(at: number, error: unknown): void {
    this.#entries.values[at] = this.#run.refuse(this.#entries.index(at), error);
  }
}
