// Remembers a million texts in 16 MB.

const FIRST_SLOTS = 1024;

/**
 * A set of texts, of each of which 64 bits are kept. Two texts of a million are taken for equal with a
 * probability of three in a hundred million.
 */
export class TextSet {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  /** Adds a text; returns false if it was there already. */
  add(text: string): boolean {
    const [high, low] = hash(text);
    if (!this.#put(high, low)) return false;
    this.#size += 1;
    if (this.#size * 2 > this.#high.length) this.#grow();
    return true;
  }

  #put(high: number, low: number): boolean {
    const mask = this.#high.length - 1;
    for (let slot = high & mask; ; slot = (slot + 1) & mask) {
      if (this.#high[slot] === 0 && this.#low[slot] === 0) {
        this.#high[slot] = high;
        this.#low[slot] = low;
        return true;
      }
      if (this.#high[slot] === high && this.#low[slot] === low) return false;
    }
  }

  #grow(): void {
    const [highs, lows] = [this.#high, this.#low];
    this.#high = new Uint32Array(highs.length * 2);
    this.#low = new Uint32Array(lows.length * 2);
    for (const [slot, high] of highs.entries()) {
      const low = lows[slot] ?? 0;
      if (high !== 0 || low !== 0) this.#put(high, low);
    }
  }
}

/** Two multiplicative hashes of 32 bits (after cyrb53), never both zero. */
function hash(text: string): [high: number, low: number] {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return [a >>> 0, (b | 1) >>> 0];
}
