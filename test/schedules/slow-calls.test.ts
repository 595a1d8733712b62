// The price of slow calls: an object that waits is billed by the second. Counted with a clock moved by hand.
import { it } from "vitest";
import { SLOW_CALLS } from "../../bench/cost-table";
import { FakeRun, OK } from "../support/fake-lanes";
import { MemoryChunks } from "../support/memory-chunks";

/** Milliseconds in which at least one of these spans goes on. */
function unionMs(spans: readonly { openedAt: number; closedAt: number }[]): number {
  let [sum, until] = [0, 0];
  for (const { openedAt, closedAt } of spans.toSorted((a, b) => a.openedAt - b.openedAt)) {
    sum += Math.max(0, closedAt - Math.max(until, openedAt));
    until = Math.max(until, closedAt);
  }
  return sum;
}

it.for(SLOW_CALLS)(
  "$calls calls of $callSeconds s, $concurrency at once, keep objects awake as the table says",
  async ({ calls, callSeconds, concurrency, ...counted }, { expect }) => {
    const store = new MemoryChunks(Array.from({ length: calls }, (_, index) => index));
    const answer = { ms: callSeconds * 1000, attempt: OK };
    const run = new FakeRun({ store, bounds: { concurrency }, answer: () => answer }).start();
    const ms = await run.untilRest(Infinity);
    const byLane = Map.groupBy(run.sessions, ({ lane }) => lane);
    const lanesMs = [...byLane.values()].reduce((sum, spans) => sum + unionMs(spans), 0);
    expect({
      seconds: Math.ceil(ms / 1000),
      // The job's own, and its lanes.
      objectSeconds: Math.ceil((ms + lanesMs) / 1000),
      sessions: run.sessions.length,
      saves: store.saves,
    }).toEqual(counted);
    expect(store.states.every(({ status }) => status === "succeeded")).toBe(true);
  },
);
