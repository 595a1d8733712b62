// Repeatable randomness: the same seed gives the same sample on every machine.

/** A generator of numbers in [0, 1) from a 32-bit seed (mulberry32). Not for secrets. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A random seed: the first 32 bits of a UUID of version 4, all of them random (RFC 9562 §5.4). */
export function randomSeed(randomUuid: () => string): number {
  return Number.parseInt(randomUuid().slice(0, 8), 16);
}

/** The numbers below `count`, shuffled (Fisher–Yates: every order is equally likely). */
export function shuffled(count: number, random: () => number): number[] {
  const result = Array.from({ length: count }, (_, at) => at);
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [result[last], result[other]];
    if (a === undefined || b === undefined) continue;
    result[last] = b;
    result[other] = a;
  }
  return result;
}
