// Chunks of a job that are in memory while their items run, and what of them is not saved yet.
import { isJsonLonger } from "../../lib/is-json-longer";
import { LARGE_CHARACTERS } from "./chunk-run";
import { NEVER_RUN, type ChunkStore, type ItemState } from "./job";

interface OpenChunk {
  readonly first: number;
  readonly items: readonly unknown[];
  states: ItemState[];
  isDirty: boolean;
  /** Items in flight. */
  running: number;
}

/** Chunks that are kept in memory though nothing of them is in flight. */
const MAX_IDLE_CHUNKS = 4;

/** The unfinished chunks of a job, each loaded when it is needed. */
export class OpenChunks {
  readonly #store: ChunkStore;
  /** First indexes of the chunks, ascending. */
  readonly firsts: readonly number[];
  readonly #chunks = new Map<number, OpenChunk>();

  constructor(store: ChunkStore) {
    this.#store = store;
    this.firsts = store.unfinished();
  }

  /** True if a state was set since the last save. */
  get hasNews(): boolean {
    return [...this.#chunks.values()].some(({ isDirty }) => isDirty);
  }

  /** The number of items of the chunk that begins here. */
  sizeOf(first: number): number {
    return this.#open(first).items.length;
  }

  itemOf(index: number): unknown {
    const { first, items } = this.#chunkOf(index);
    return items[index - first];
  }

  /** The state of an item; undefined if its chunk was finished before this run. */
  stateOf(index: number): ItemState | undefined {
    if (this.firsts.length === 0) return undefined;
    const { first, states } = this.#chunkOf(index);
    return states[index - first];
  }

  set(index: number, state: ItemState): void {
    const chunk = this.#chunkOf(index);
    chunk.states[index - chunk.first] = this.#heldOf(index, state);
    chunk.isDirty = true;
  }

  /** The state as it is held until its chunk is saved. A large result is stored at once. */
  #heldOf(index: number, state: ItemState): ItemState {
    if (state.status !== "succeeded" || !isJsonLonger(state.output, LARGE_CHARACTERS)) return state;
    try {
      return this.#store.keep(index, state) ?? state;
    } catch {
      // The storage takes no writes now: the save tries again until it does.
      return state;
    }
  }

  /** Keeps the chunk of an item in memory until as many items have left it as entered. */
  enter(index: number): void {
    this.#chunkOf(index).running += 1;
  }

  leave(index: number): void {
    this.#chunkOf(index).running -= 1;
  }

  /** Saves the chunks that have news, and drops those that are not needed. */
  save(now: number): void {
    for (const chunk of this.#chunks.values()) {
      if (!chunk.isDirty) continue;
      chunk.states = this.#store.save(chunk, chunk.states, now);
      chunk.isDirty = false;
    }
    this.forget();
  }

  /** Drops chunks of which nothing is in flight or unsaved, but for those that were opened last. */
  forget(): void {
    let idle = this.#chunks.size - MAX_IDLE_CHUNKS;
    for (const [first, { isDirty, running }] of this.#chunks) {
      if (idle <= 0) return;
      idle -= 1;
      if (!isDirty && running === 0) this.#chunks.delete(first);
    }
  }

  /** The chunk of an item: the last that does not begin after it. */
  #chunkOf(index: number): OpenChunk {
    let [low, high] = [0, this.firsts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.firsts[middle] ?? Infinity) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#open(this.firsts[low] ?? 0);
  }

  #open(first: number): OpenChunk {
    const known = this.#chunks.get(first);
    if (known !== undefined) return known;
    const { items, states } = this.#store.load(first);
    const chunk: OpenChunk = {
      first,
      items,
      states: [...(states ?? items.map(() => NEVER_RUN))],
      isDirty: false,
      running: 0,
    };
    this.#chunks.set(first, chunk);
    return chunk;
  }
}
