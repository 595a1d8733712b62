// A priority queue.

/** Entries of which the least by `rank` is taken first. */
export class BinaryHeap<Entry> {
  readonly #entries: Entry[] = [];
  readonly #rank: (entry: Entry) => number;

  constructor(rank: (entry: Entry) => number) {
    this.#rank = rank;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The least entry, which stays; undefined for an empty heap. */
  peek(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const entries = this.#entries;
    let at = entries.length;
    for (;;) {
      const parentAt = (at - 1) >> 1;
      const parent = entries[parentAt];
      if (at === 0 || parent === undefined || this.#rank(parent) <= this.#rank(entry)) break;
      entries[at] = parent;
      at = parentAt;
    }
    entries[at] = entry;
  }

  /** Removes and returns the least entry. */
  pop(): Entry | undefined {
    const [least] = this.#entries;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) this.#sink(last);
    return least;
  }

  /** Puts an entry in the place of the least one. */
  #sink(entry: Entry): void {
    const entries = this.#entries;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const [a, b] = [entries[left], entries[left + 1]];
      const isLeft = b === undefined || (a !== undefined && this.#rank(a) <= this.#rank(b));
      const child = isLeft ? a : b;
      if (child === undefined || this.#rank(entry) <= this.#rank(child)) {
        entries[at] = entry;
        return;
      }
      entries[at] = child;
      at = isLeft ? left : left + 1;
    }
  }
}
