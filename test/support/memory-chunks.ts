// Chunks of a job in memory, for tests of the engine without a database.
import {
  NEVER_RUN,
  type Chunk,
  type ChunkStore,
  type EndedState,
  type Counts,
  type Flight,
  type ItemState,
} from "../../src/domain/jobs/job";
import type { Gate } from "../../src/domain/jobs/gate";
import { holdOthers, releaseHeld } from "../../src/domain/jobs/held";

/** A store that forgets nothing, and counts its writes. */
export class MemoryChunks implements ChunkStore {
  readonly #chunks = new Map<number, { items: readonly unknown[]; states: ItemState[] | null }>();
  #flight: Flight | null = null;
  gates: Readonly<Record<string, Gate>> = {};
  saves = 0;
  marks = 0;
  /** While true, whatever would be written is refused. */
  isRefusing = false;

  constructor(items: readonly unknown[], size = 100) {
    for (let first = 0; first < items.length; first += size)
      this.#chunks.set(first, { items: items.slice(first, first + size), states: null });
  }

  get flight(): Flight | null {
    return this.#flight;
  }

  set flight(flight: Flight | null) {
    this.#write();
    this.marks += 1;
    this.#flight = structuredClone(flight);
  }

  /** The states of all items, in order. */
  get states(): ItemState[] {
    return [...this.#chunks.values()].flatMap(
      ({ items, states }) => states ?? items.map(() => NEVER_RUN),
    );
  }

  unfinished(): number[] {
    return [...this.#chunks].flatMap(([first, { states }]) =>
      states === null || states.some(({ status }) => status === "pending") ? [first] : [],
    );
  }

  /** The run whose chosen items alone are run; null for all. */
  protected get chosenRun(): number | null {
    return null;
  }

  load(first: number): Chunk {
    const { items = [], states = null } = this.#chunks.get(first) ?? {};
    return holdOthers({ first, items, states }, this.chosenRun);
  }

  save({ first, items }: Omit<Chunk, "states">, states: readonly ItemState[]): ItemState[] {
    this.#write();
    this.saves += 1;
    this.#chunks.set(first, { items, states: [...releaseHeld(states)] });
    return [...states];
  }

  keep(_index: number, state: EndedState): ItemState {
    return state;
  }

  counts(): Counts {
    const failedByCode: Record<string, number> = {};
    for (const state of this.states)
      if (state.status === "failed")
        failedByCode[state.error.code] = (failedByCode[state.error.code] ?? 0) + 1;
    const count = (status: ItemState["status"]) =>
      this.states.filter((state) => state.status === status).length;
    return {
      succeeded: count("succeeded"),
      failed: count("failed"),
      failedByCode,
      lastResultAt: null,
    };
  }

  /** Makes items pending again, for a run. */
  reset(indexes: readonly number[], run: number): void {
    this.#write();
    const chosen: ItemState = { status: "pending", attempts: 0, dueAt: 0, run };
    for (const [first, { items, states }] of this.#chunks) {
      const next = (states ?? []).map((state, offset) =>
        indexes.includes(first + offset) ? chosen : state,
      );
      if (states !== null) this.#chunks.set(first, { items, states: next });
    }
  }

  #write(): void {
    if (this.isRefusing)
      throw new Error("Exceeded allowed rows written in Durable Objects free tier.");
  }
}
