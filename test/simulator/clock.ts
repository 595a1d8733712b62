// The time of the simulated world: `Date` stands still, everywhere in this isolate, until it is moved.
// Timers, `scheduler.wait` and `performance.now()` go on in real time.
import { vi } from "vitest";
import { DAY_MS } from "./ledger";

const MORNING_MS = 6 * 60 * 60_000;

/** An instant that is never long before midnight: nothing may depend on the hour at which tests run. */
export function tomorrow(): number {
  return midnightAfter(Date.now()) + MORNING_MS;
}

function midnightAfter(now: number): number {
  return (Math.floor(now / DAY_MS) + 1) * DAY_MS;
}

/** A clock that stands still until it is moved. */
export class Clock {
  constructor(now: number) {
    vi.useFakeTimers({ toFake: ["Date"], now });
  }

  /** Moves the clock to this time, in milliseconds since 1970. */
  moveTo(time: number): void {
    vi.setSystemTime(time);
  }

  /** The next 00:00 UTC, in milliseconds since 1970. */
  get midnight(): number {
    return midnightAfter(Date.now());
  }

  /** Lets real time pass again. */
  restore(): void {
    vi.useRealTimers();
  }
}
