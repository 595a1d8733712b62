// The items of a job that wait: for the time of their next attempt, or for the gate of the host that they call.
import { BinaryHeap } from "../../lib/binary-heap";
import type { HostGates } from "./host-gates";

/** The items that wait for their next attempt, and the first instant at which one of them is due. */
export interface Waiting {
  readonly items: number;
  readonly until: number;
}

interface Delayed {
  readonly gate: string;
  readonly index: number;
  readonly dueAt: number;
}

/** Items that were looked at, and could not be started yet. */
export class WaitingItems {
  readonly #gates: HostGates;
  /** By the gate that was closed when they were found. */
  readonly #parked = new Map<string, BinaryHeap<number>>();
  readonly #delayed = new BinaryHeap<Delayed>(({ dueAt }) => dueAt);

  constructor(gates: HostGates) {
    this.#gates = gates;
  }

  get isEmpty(): boolean {
    return this.#delayed.size === 0 && this.#parked.size === 0;
  }

  /** Lets an item wait for a gate. */
  park(gate: string, index: number): void {
    const parked = this.#parked.get(gate) ?? new BinaryHeap<number>((each) => each);
    parked.push(index);
    this.#parked.set(gate, parked);
  }

  /** Lets an item wait for an instant, and then for its gate. */
  delay(gate: string, index: number, dueAt: number): void {
    this.#delayed.push({ gate, index, dueAt });
  }

  /** Takes the first item whose time has come, of a gate that is open; null if there is none. */
  take(now: number): number | null {
    for (let due = this.#delayed.peek(); due !== undefined && due.dueAt <= now;) {
      this.#delayed.pop();
      this.park(due.gate, due.index);
      due = this.#delayed.peek();
    }
    for (const [gate, parked] of this.#parked) {
      if (this.#gates.startAt(gate) > now) continue;
      const index = parked.pop();
      if (parked.size === 0) this.#parked.delete(gate);
      if (index !== undefined) return index;
    }
    return null;
  }

  /** The instant at which to ask again; Infinity if that depends on what is in flight. */
  nextAt(): number {
    const gates = [...this.#parked.keys()].map((gate) => this.#gates.startAt(gate));
    return Math.min(this.#delayed.peek()?.dueAt ?? Infinity, ...gates);
  }

  /** Items that wait for their next attempt; null for none. */
  waiting(now: number): Waiting | null {
    let items = this.#delayed.size;
    let until = this.#delayed.peek()?.dueAt ?? Infinity;
    for (const [gate, parked] of this.#parked) {
      const closedUntil = this.#gates.closedUntil(gate);
      if (closedUntil <= now) continue;
      items += parked.size;
      until = Math.min(until, closedUntil);
    }
    return items === 0 ? null : { items, until };
  }
}
