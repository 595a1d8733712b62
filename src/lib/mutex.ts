// Mutual exclusion for steps that await and must not interleave.

/** Runs asynchronous functions one after another, in order of calling. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` after all earlier ones have settled, and settles like it. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
