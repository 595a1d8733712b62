// A list inside a pipeline, in columns: with an object for each entry a long list would be mostly these.
import type { Sizer } from "./size";

/** The value of an entry that a step has refused, which was reported. Callers get null in its place. */
export const FAILED = Symbol("failed");

/** Takes the failures of entries. */
export interface Refuser {
  /** Reports a failure by the index of its item. Rethrows any error but an `ItemError`: that is a bug. */
  refuse(index: number, error: unknown): typeof FAILED;
}

/** The value of an entry that the step which takes the list leaves out. */
export const DROPPED = Symbol("dropped");

/** The entries of a list: their values, and the indexes of the request's items that they came from. */
export class Entries {
  /** Whoever takes the list may set each. */
  readonly values: unknown[];
  readonly #indices: Uint32Array | null;
  readonly #first: number;

  /**
   * @param indices of the items; null where they are the places in the list
   * @param first place in `indices` of the first entry, or its index
   */
  constructor(values: unknown[], indices: Uint32Array | null = null, first = 0) {
    this.values = values;
    this.#indices = indices;
    this.#first = first;
  }

  get length(): number {
    return this.values.length;
  }

  /** The index of the item that an entry came from; after `chunk`, of the first member. */
  index(at: number): number {
    const place = this.#first + at;
    return this.#indices === null ? place : (this.#indices[place] ?? place);
  }

  /** Finds something for the value of an entry; returns `FAILED` if it has failed, now or before. */
  try(at: number, find: (value: unknown) => unknown, refuser: Refuser): unknown {
    const value = this.values[at];
    if (value === FAILED) return FAILED;
    try {
      return find(value);
    } catch (error) {
      return (this.values[at] = refuser.refuse(this.index(at), error));
    }
  }

  /** Adds the size of the value of an entry, which fails if it cannot be measured. */
  measure(at: number, sizer: Sizer, refuser: Refuser): void {
    const value = this.values[at];
    if (typeof value === "string") sizer.add(value);
    else this.try(at, (other) => sizer.add(other), refuser);
  }

  /** Other values of the same items. */
  with(values: unknown[]): Entries {
    if (values === this.values) return this;
    return new Entries(values, this.#indices, this.#first);
  }

  /** A copy of the entries from one place up to another. */
  slice(from: number, to?: number): Entries {
    return new Entries(this.values.slice(from, to), this.#indices, this.#first + from);
  }

  /** The entries at these places, in their order. */
  pick(places: readonly number[]): Entries {
    const indices = new Uint32Array(places.length);
    for (const [at, place] of places.entries()) indices[at] = this.index(place);
    return new Entries(
      places.map((at) => this.values[at]),
      indices,
    );
  }

  /** Those without a mark as their value, in the same list, of which nobody may take more. */
  without(mark: typeof FAILED | typeof DROPPED): Entries {
    const { values } = this;
    if (!values.includes(mark)) return this;
    const indices = new Uint32Array(values.length);
    let left = 0;
    for (let at = 0; at < values.length; at += 1) {
      if (values[at] === mark) continue;
      values[left] = values[at];
      indices[left] = this.index(at);
      left += 1;
    }
    values.length = left;
    return new Entries(values, indices);
  }

  /** The values as callers get them. No step may take the list any more. */
  outputs(): unknown[] {
    const { values } = this;
    for (let at = 0; at < values.length; at += 1) if (values[at] === FAILED) values[at] = null;
    return values;
  }
}
