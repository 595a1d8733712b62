// State that the pipelines of one request share: the work that is left, the memory that those before have kept, and the
// time of the next yield.
import { MAX_REQUEST_WORK, WORK_BETWEEN_YIELDS } from "./limits";

/** Counts work of all pipelines of a request together. */
export class Pace {
  /** Work that no pipeline has done, and that is set aside for none. */
  workLeft = MAX_REQUEST_WORK;
  /** Bytes that the pipelines before have kept. */
  keptBytes = 0;
  readonly #yieldToOthers: () => Promise<void>;
  #done = 0;
  #yielding: Promise<void> | undefined;

  constructor(yieldToOthers: () => Promise<void>) {
    this.#yieldToOthers = yieldToOthers;
  }

  /**
   * Counts work.
   *
   * @returns true if it is time to await `yieldToOthers()`
   */
  work(units: number): boolean {
    this.#done += units;
    return this.#done >= WORK_BETWEEN_YIELDS;
  }

  /** Lets other requests run, or joins a yield in progress. */
  yieldToOthers(): Promise<void> {
    this.#yielding ??= this.#yieldToOthers().finally(() => {
      this.#done = 0;
      this.#yielding = undefined;
    });
    return this.#yielding;
  }
}
