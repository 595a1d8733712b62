// The time of the simulated world: `Date` stands still, everywhere in this isolate, until it is moved.
// Timers, `scheduler.wait` and `performance.now()` go on in real time.
import { vi } from "vitest";
import { DAY_MS } from "./ledger";

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
    return (Math.floor(Date.now() / DAY_MS) + 1) * DAY_MS;
  }

  /** Lets real time pass again. */
  restore(): void {
    vi.useRealTimers();
  }
}
