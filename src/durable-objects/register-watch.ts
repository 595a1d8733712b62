// Looks after batches, once a day: a job whose alarm is lost goes on, and a batch whose job is gone leaves the list. The
// platform drops an alarm that fails for some minutes, and none can be set while the day's rows are spent. This one
// stands from the first report on, and rings when they are new.
import { mapConcurrently } from "../lib/map-concurrently";
import { nextMidnight } from "../lib/next-midnight";
import type { BatchRows } from "../storage/batches";

/** Milliseconds after 00:00 UTC at which batches are looked at. */
const AFTER_MIDNIGHT_MS = 5 * 60_000;
/** Batches that one invocation looks at, each by a request to its job; and how many at a time. */
const LOOKED_AT_ONCE = 400;
const WIDTH = 10;

/** The next time to look at batches after an instant, both in milliseconds since 1970 UTC. */
export function nextLook(after: number): number {
  return nextMidnight(after - AFTER_MIDNIGHT_MS) + AFTER_MIDNIGHT_MS;
}

/** Surroundings of a watch. */
export interface RegisterWatchParts {
  readonly rows: Pick<BatchRows, "restless" | "drop" | "kept">;
  /** Sets the alarm of a job that has lost it. Returns false if there is no such job. */
  readonly lookAt: (id: string) => Promise<boolean>;
  readonly log: (what: string, error: unknown) => void;
}

/** The daily look at batches of which something is left to do. */
export class RegisterWatch {
  readonly #parts: RegisterWatchParts;
  /** Those that are still to be looked at today. */
  #left: string[] = [];
  #nextAt = 0;

  constructor(parts: RegisterWatchParts) {
    this.#parts = parts;
  }

  /** True if another invocation must go on. */
  get isUnfinished(): boolean {
    return this.#left.length > 0;
  }

  /** Looks at as many batches as one invocation may. */
  async run(now: number): Promise<void> {
    const { rows, lookAt, log } = this.#parts;
    if (!this.isUnfinished && now >= this.#nextAt) {
      this.#left = rows.restless(now);
      this.#nextAt = nextLook(now);
    }
    await mapConcurrently(this.#left.splice(0, LOOKED_AT_ONCE), WIDTH, async (id) => {
      try {
        const isAlive = rows.kept.isAlive(id, now) ?? (await lookAt(id));
        if (!isAlive) rows.drop(id, now);
      } catch (error) {
        // The next day looks again.
        log("look at a batch", error);
      }
    });
  }
}
