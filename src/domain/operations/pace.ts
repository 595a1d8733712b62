// What the pipelines of one request have in common: when it lets others run, and work that is left over.
import { WORK_BETWEEN_YIELDS } from "./limits";

/**
 * Work since the last yield. Pipelines of one request yield together: one that waited for its own turn
 * would wait for those of all others as well.
 */
export class Pace {
  /** Work that pipelines did not need which have come to their end. */
  workLeft = 0;
  readonly #yieldToOthers: () => Promise<void>;
  #done = 0;
  #yielding: Promise<void> | undefined;

  constructor(yieldToOthers: () => Promise<void>) {
    this.#yieldToOthers = yieldToOthers;
  }

  /** Counts work; true when it is time for `yieldToOthers()`. */
  work(units: number): boolean {
    this.#done += units;
    return this.#done >= WORK_BETWEEN_YIELDS;
  }

  /** Lets others run, or joins a yield under way. */
  yieldToOthers(): Promise<void> {
    this.#yielding ??= this.#yieldToOthers().finally(() => {
      this.#done = 0;
      this.#yielding = undefined;
    });
    return this.#yielding;
  }
}
