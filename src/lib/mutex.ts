// One thing at a time, in order of asking: for steps that await in between and must not interleave.

/** Runs functions one after another. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `step` once all earlier ones have settled; settles like it. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
