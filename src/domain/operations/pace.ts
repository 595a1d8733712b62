// What the pipelines of one request have in common: when it lets others run, and work that is left over.
import { WORK_BETWEEN_PAUSES } from "./limits";

/**
 * Work since the last pause. Pipelines of one request pause together: one that waited for its own turn
 * would wait for those of all others as well.
 */
export class Pace {
  /** Work that pipelines did not need which have come to their end. */
  workLeft = 0;
  readonly #pause: () => Promise<void>;
  #done = 0;
  #pausing: Promise<void> | undefined;

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  /** Counts work; true when it is time for `pause()`. */
  work(units: number): boolean {
    this.#done += units;
    return this.#done >= WORK_BETWEEN_PAUSES;
  }

  /** Resolves when the pause that is on, or begins now, is over. */
  pause(): Promise<void> {
    this.#pausing ??= this.#pause().finally(() => {
      this.#done = 0;
      this.#pausing = undefined;
    });
    return this.#pausing;
  }
}
