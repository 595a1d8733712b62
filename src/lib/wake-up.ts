// A condition variable: tasks of one isolate wait until another tells them that something has changed.

/** A condition that tasks wait for. Each notification wakes all that wait at that moment, and no later ones. */
export class WakeUp {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next notification. */
  wait(): Promise<void> {
    return this.#next.promise;
  }

  /** Wakes everything that waits now. */
  notifyAll(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
