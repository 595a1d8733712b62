// Runs random schedules of what has a lifecycle: everything that can happen to it, in every order, with a
// crash between any two steps. A schedule follows from its seed alone.
import { createRandom, type Random } from "../support/random";

/** Says what happens, where somebody listens. */
export type Tell = (line: string) => void;

/**
 * Lives through one schedule.
 *
 * @throws Error what was promised and did not hold
 */
export type Lifecycle = (chance: Random, tell: Tell) => Promise<void>;

/** Schedules to run: `seed`, `seed + 1`, … */
export interface Selection {
  readonly seed: number;
  readonly schedules: number;
}

/** @throws Error with the seed of the first schedule that broke a promise, and what happened in it */
export async function runSchedules(
  lifecycle: Lifecycle,
  { seed, schedules }: Selection,
  onProgress: (done: number) => void = () => undefined,
): Promise<void> {
  for (let n = 0; n < schedules; n += 1) {
    try {
      await lifecycle(createRandom(seed + n), () => undefined);
    } catch (error) {
      const lines: string[] = [];
      await lifecycle(createRandom(seed + n), (line) => lines.push(line)).catch(() => undefined);
      const hint = `To repeat it: --seed ${String(seed + n)} --schedules 1`;
      throw new Error([...lines, String(error), hint].join("\n"), { cause: error });
    }
    onProgress(n + 1);
  }
}

/** Lets everything go on that does not wait for the world. */
export async function untilQuiet(): Promise<void> {
  // More than the longest chain of continuations between two waits.
  for (let turn = 0; turn < 24; turn += 1) await Promise.resolve();
}

/** @throws Error `promise`, where it does not hold */
export function check(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Error(`Broken: ${promise}`);
}
