// One chunk under way: what is known of its items, and what of it is not saved yet.
import {
  advance,
  NEVER_RUN,
  type Chunk,
  type DueItem,
  type Executor,
  type ItemState,
  type Made,
} from "./job";

/** One chunk under way. */
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

  /** Whether anything was noted since the last save. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /**
   * Takes attempts in.
   *
   * @param onFailure told of each item that has failed for good; says whether the rest counts
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

  /** Those that have failed since the last save, which is now. */
  takeFailures(): number {
    const taken = this.#failures;
    this.#failures = 0;
    this.#hasNews = false;
    return taken;
  }
}
