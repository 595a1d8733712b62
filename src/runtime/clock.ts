import { createClock } from "../lib/clock";

/** The clock of the Worker. */
export const systemClock = createClock({
  now: () => performance.now(),
  epochNow: () => Date.now(),
  setTimeout,
  clearTimeout,
});
