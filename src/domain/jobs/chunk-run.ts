// The state of one chunk while it runs: its items' states, and which of them are not saved yet.
import {
  advance,
  NEVER_RUN,
  type Chunk,
  type DueItem,
  type Executor,
  type ItemState,
  type Made,
} from "./job";

/** A chunk while it runs. */
export class ChunkRun {
  readonly states: ItemState[];
  readonly due: readonly DueItem[];
  readonly #first: number;
  readonly #retry: Pick<Executor, "retryDelay">;
  #failures = 0;
  #hasNews = false;

  constructor({ first, items, states }: Chunk, retry: Pick<Executor, "retryDelay">, now: number) {
    this.#first = first;
    this.#retry = retry;
    this.states = [...(states ?? items.map(() => NEVER_RUN))];
    this.due = items.flatMap((item, offset) => {
      const state = this.states[offset];
      return state?.status === "pending" && state.dueAt <= now
        ? [{ index: first + offset, item, attempts: state.attempts }]
        : [];
    });
  }

  /** True if an attempt was recorded since the last save. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /**
   * Records attempts.
   *
   * @param onFailure called for each item that has failed for good; returning false ignores the rest of
   * `made`
   */
  note(made: Made, now: number, onFailure: () => boolean): void {
    for (const [index, attempt] of made) {
      const offset = index - this.#first;
      const state = this.states[offset];
      if (state === undefined) continue;
      const next = advance(state, attempt, this.#retry, now);
      this.states[offset] = next;
      this.#hasNews = true;
      if (next.status !== "failed") continue;
      this.#failures += 1;
      if (!onFailure()) return;
    }
  }

  /** Returns the number of items that failed since the last save, and marks everything as saved. */
  takeFailures(): number {
    const taken = this.#failures;
    this.#failures = 0;
    this.#hasNews = false;
    return taken;
  }
}
