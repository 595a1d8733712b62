// A job in memory: its chunks are kept in a map, its items are run by a function, its time stands still.
import {
  dueAt,
  NEVER_RUN,
  type Attempt,
  type Chunk,
  type ChunkStore,
  type DueItem,
  type Executor,
  type ItemState,
  type Made,
} from "../../src/domain/jobs/job";
import type { SliceLimits } from "../../src/domain/jobs/slice";
import { WakeUp } from "../../src/lib/wake-up";
import { FakeClock } from "./fake-clock";

/** An attempt that succeeded. */
export const DONE: Attempt = { status: "succeeded", output: "done" };

/** A failed attempt, with these fields. */
export function failed(parts: Partial<Extract<Attempt, { status: "failed" }>> = {}): Attempt {
  return { status: "failed", error: { code: "broken", detail: "It broke." }, ...parts };
}

/** Makes the outcome of an attempt at an item; null means no attempt, a rejection fails the whole chunk. */
type Run = (due: DueItem, lane: number) => Attempt | null | Promise<Attempt | null>;

/** Items in chunks, and everything that was asked of their store and executor. */
export class FakeJob implements ChunkStore, Executor {
  readonly clock = new FakeClock();
  readonly lanes: number;
  /** Indexes of the items of each chunk that was run, in order of starting. */
  readonly runs: number[][] = [];
  yields = 0;
  saves = 0;
  isPure = false;
  /** True if chunks are too large to be saved in place before they are done. */
  isTooLarge = false;
  readonly wakeUp = new WakeUp();
  readonly #chunks: Map<number, Chunk>;
  readonly #run: Run;
  readonly #maxAttempts: number;

  constructor(items: number, run: Run, { chunkSize = 10, lanes = 1, maxAttempts = 3 } = {}) {
    this.lanes = lanes;
    this.#run = run;
    this.#maxAttempts = maxAttempts;
    const all = Array.from({ length: items }, (_, index) => index);
    const firsts = all.filter((index) => index % chunkSize === 0);
    this.#chunks = new Map(
      firsts.map((first) => [
        first,
        { first, items: all.slice(first, first + chunkSize), states: null },
      ]),
    );
  }

  nextDue(now: number, taken: ReadonlySet<number>): Chunk | null {
    const due = [...this.#chunks.values()].find(
      ({ first, items, states }) =>
        !taken.has(first) && (dueAt(states ?? items.map(() => NEVER_RUN)) ?? Infinity) <= now,
    );
    return due ?? null;
  }

  nextDueAt(taken: ReadonlySet<number>): number | null {
    const times = [...this.#chunks.values()].flatMap(({ first, items, states }) =>
      taken.has(first) ? [] : (dueAt(states ?? items.map(() => NEVER_RUN)) ?? []),
    );
    return times.length === 0 ? null : Math.min(...times);
  }

  saveInPlace(chunk: Chunk, states: readonly ItemState[]): boolean {
    if (this.isTooLarge) return false;
    this.save(chunk, states);
    return true;
  }

  save(chunk: Chunk, states: readonly ItemState[]): void {
    this.saves += 1;
    this.#chunks.set(chunk.first, { ...chunk, states });
  }

  async runChunk(lane: number, due: readonly DueItem[]): Promise<Made> {
    this.runs.push(due.map(({ index }) => index));
    const made = await Promise.all(
      due.map(async (item) => [item.index, await this.#run(item, lane)] as const),
    );
    return made.flatMap(([index, attempt]) =>
      attempt === null ? [] : [[index, attempt] as const],
    );
  }

  /** A second after the first attempt, two after the second, and so on. */
  readonly retryDelay = (attempts: number): number | null =>
    attempts >= this.#maxAttempts ? null : attempts * 1000;

  /** The states of all items, in order. */
  get states(): ItemState[] {
    return [...this.#chunks.values()].flatMap(
      ({ items, states }) => states ?? items.map(() => NEVER_RUN),
    );
  }

  count(status: ItemState["status"]): number {
    return this.states.filter((state) => state.status === status).length;
  }

  /** Bounds of a slice that goes on as long as there is anything to do. */
  limits(parts: Partial<SliceLimits> = {}): SliceLimits {
    return {
      clock: this.clock,
      maxMs: 20_000,
      maxChunks: 1000,
      isRunning: () => true,
      yieldToOthers: async () => {
        this.yields += 1;
      },
      wakeUp: this.wakeUp,
      ...parts,
    };
  }
}
