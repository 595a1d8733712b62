// Chance that can be repeated: everything that a soak or a simulation does at random follows from its seed.
import { randomNumbers } from "../../src/domain/operations/random";

/** A source of chance. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  chance(share: number): boolean;
}

/** The same chance for the same seed. */
export function createRandom(seed: number): Random {
  const next = randomNumbers(seed);
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (share) => next() < share,
  };
}
