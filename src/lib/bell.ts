// Waking those who wait for something to happen.

/** Wakes all who wait for it, each time it is rung. */
export class Bell {
  #rung = Promise.withResolvers<void>();

  /** Resolves when it is rung next. */
  next(): Promise<void> {
    return this.#rung.promise;
  }

  ring(): void {
    this.#rung.resolve();
    this.#rung = Promise.withResolvers();
  }
}
