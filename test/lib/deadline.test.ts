import { describe, it } from "vitest";
import { startDeadline } from "../../src/lib/deadline";
import { FakeClock } from "../support/fake-clock";

const over = new Error("over");
const reason = () => over;

describe("startDeadline", () => {
  it("aborts with its reason when the time is over, not before", async ({ expect }) => {
    const clock = new FakeClock();
    await clock.advance(50);
    const deadline = startDeadline(100, { clock, reason });
    expect(deadline.at).toBe(150);

    await clock.advance(99);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(deadline.signal.reason).toBe(over);
  });

  it("aborts now when told to, and keeps that reason", async ({ expect }) => {
    const clock = new FakeClock();
    const deadline = startDeadline(100, { clock, reason });
    deadline.abort("enough");
    await clock.advance(100);
    expect(deadline.signal.reason).toBe("enough");
  });

  it("ends with its parent, but the parent does not end with it", ({ expect }) => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const early = startDeadline(100, { clock, reason, parent: parent.signal });
    const late = startDeadline(100, { clock, reason, parent: parent.signal });
    early.abort("own");
    expect(parent.signal.aborted).toBe(false);
    parent.abort("parent's");
    expect([early.signal.reason, late.signal.reason]).toEqual(["own", "parent's"]);
  });

  it("is over at once within a parent that is over", ({ expect }) => {
    const parent = AbortSignal.abort("gone");
    const deadline = startDeadline(100, { clock: new FakeClock(), reason, parent });
    expect(deadline.signal.reason).toBe("gone");
  });

  it("lets go of the timer and the parent when cleared", async ({ expect }) => {
    const clock = new FakeClock();
    const parent = new AbortController();
    const deadline = startDeadline(100, { clock, reason, parent: parent.signal });
    deadline.clear();
    expect(clock.pending).toBe(0);
    parent.abort();
    await clock.advance(200);
    expect(deadline.signal.aborted).toBe(false);
  });
});
