import { describe, it } from "vitest";
import { createClock } from "../../src/lib/clock";

/** A clock whose timers ring by hand, and those that are set. */
function handClock() {
  const timers = new Map<number, () => void>();
  const clock = createClock({
    now: () => 1,
    epochNow: () => 2,
    setTimeout: (callback, ms) => {
      timers.set(ms, callback);
      return ms;
    },
    clearTimeout: (ms: number) => timers.delete(ms),
  });
  return { clock, timers };
}

describe("createClock", () => {
  it("tells the times that it is given", ({ expect }) => {
    const { clock } = handClock();
    expect([clock.now(), clock.epochNow()]).toEqual([1, 2]);
  });

  it("sleeps until its timer rings", async ({ expect }) => {
    const { clock, timers } = handClock();
    const slept = clock.sleep(30, new AbortController().signal);
    timers.get(30)?.();
    await expect(slept).resolves.toBeUndefined();
  });

  it("wakes with the signal's reason, and leaves no timer behind", async ({ expect }) => {
    const { clock, timers } = handClock();
    const why = new AbortController();
    const slept = clock.sleep(30, why.signal);
    why.abort(new Error("enough"));
    await expect(slept).rejects.toThrow("enough");
    expect(timers.size).toBe(0);
    await expect(clock.sleep(30, why.signal)).rejects.toThrow("enough");
    expect(timers.size).toBe(0);
  });

  it("calls off what it was to call", ({ expect }) => {
    const { clock, timers } = handClock();
    clock.after(30, () => undefined)();
    expect(timers.size).toBe(0);
  });
});
