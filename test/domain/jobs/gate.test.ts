// A host's brake against limiters of several kinds, on a simulated clock: how many calls it takes to get everything
// through, and how long.
import { describe, it } from "vitest";
import {
  afterRefusal,
  afterStart,
  afterTaken,
  openGate,
  startAt,
} from "../../../src/domain/jobs/gate";
import { createRandom } from "../../support/random";

/** Takes a call (null), or refuses it with the milliseconds to wait. */
type Limiter = (now: number) => number | null;
type Advice = (exactMs: number) => number;

const ONE_SECOND: Advice = () => 1000;
const EXACT: Advice = (exactMs) => exactMs;
const ROUNDED_UP: Advice = (exactMs) => Math.ceil(exactMs / 1000) * 1000;

/** So many in any second. */
function sliding(rate: number, advice: Advice): Limiter {
  let taken: number[] = [];
  return (now) => {
    taken = taken.filter((at) => at > now - 1000);
    const [oldest] = taken;
    if (taken.length >= rate && oldest !== undefined) return advice(oldest + 1000 - now);
    taken.push(now);
    return null;
  };
}

/** A bucket of so many tokens, as many as are filled in evenly within a second unless said otherwise. */
function bucket(rate: number, advice: Advice, size = rate): Limiter {
  let [tokens, filledAt] = [size, 0];
  return (now) => {
    tokens = Math.min(size, tokens + ((now - filledAt) * rate) / 1000);
    filledAt = now;
    if (tokens < 1) return advice(((1 - tokens) * 1000) / rate);
    tokens -= 1;
    return null;
  };
}

interface Call {
  readonly startedAt: number;
  readonly arrivesAt: number;
  readonly endsAt: number;
  verdict: number | null | undefined;
}

/** A host behind a limiter, called six at a time. */
class Calls {
  calls = 0;
  done = 0;
  now = 0;
  readonly #limiter: Limiter;
  readonly #random = createRandom(1);
  #gate = openGate(0);
  #left: number;
  #inFlight: Call[] = [];

  constructor(items: number, limiter: Limiter) {
    this.#left = items;
    this.#limiter = limiter;
  }

  /** Starts what may be started. @returns when the next one may be */
  start(): number {
    while (this.#left > 0 && this.#inFlight.length < 6) {
      const at = startAt(this.#gate, this.#inFlight.length);
      if (at > this.now) return at;
      this.#gate = afterStart(this.#gate, this.now);
      const ms = this.#random.between(20, 50);
      const [startedAt, arrivesAt, endsAt] = [this.now, this.now + ms / 2, this.now + ms];
      this.#inFlight.push({ startedAt, arrivesAt, endsAt, verdict: undefined });
      this.#left -= 1;
      this.calls += 1;
    }
    return Infinity;
  }

  /** Lets time pass until something happens. */
  pass(nextStart: number): void {
    const events = this.#inFlight.map((call) =>
      call.verdict === undefined ? call.arrivesAt : call.endsAt,
    );
    const next = Math.min(nextStart, ...events);
    // Timers fire late.
    this.now = next === nextStart ? next + this.#random.between(0, 2) : Math.max(this.now, next);
    for (const call of this.#inFlight)
      if (call.arrivesAt <= this.now && call.verdict === undefined)
        call.verdict = this.#limiter(call.arrivesAt);
    const ended = this.#inFlight.filter(({ endsAt }) => endsAt <= this.now);
    this.#inFlight = this.#inFlight.filter((call) => !ended.includes(call));
    for (const call of ended) this.#end(call);
  }

  #end({ startedAt, verdict = null }: Call): void {
    if (verdict === null) this.#gate = afterTaken(this.#gate, startedAt);
    else this.#gate = afterRefusal(this.#gate, startedAt, verdict, this.now);
    if (verdict === null) this.done += 1;
    else this.#left += 1;
  }
}

/** Gets so many items through a limiter. */
function run(items: number, limiter: Limiter) {
  const host = new Calls(items, limiter);
  while (host.done < items) host.pass(host.start());
  return { calls: host.calls, ms: host.now };
}

describe.each([
  ["in any second, 1 s", sliding, ONE_SECOND],
  ["in any second, exactly", sliding, EXACT],
  ["by a bucket, rounded up", bucket, ROUNDED_UP],
] as const)("a host that takes so many %s", (_, limiter, advice) => {
  it.for([1, 2, 5, 10, 20])(
    "%i a second gets 300 items in nearly that time",
    (rate, { expect }) => {
      const { calls, ms } = run(300, limiter(rate, advice));
      expect(calls).toBeLessThanOrEqual(1.1 * 300);
      expect(ms).toBeLessThanOrEqual((1.15 * 300 * 1000) / rate);
    },
  );
});

it.for([2, 5, 10])(
  "A host that takes %i a second, evenly spaced, is not held to its first refusal",
  (rate, { expect }) => {
    const { calls, ms } = run(300, bucket(rate, ONE_SECOND, 1));
    expect(calls).toBeLessThanOrEqual(1.1 * 300);
    expect(ms).toBeLessThanOrEqual((1.4 * 300 * 1000) / rate);
  },
);

it("A few items take few more calls than there are", ({ expect }) => {
  const { calls } = run(60, sliding(5, ONE_SECOND));
  expect(calls).toBeLessThanOrEqual(1.4 * 60);
});

describe("a gate", () => {
  const NOW = 1_000_000;

  it("is closed until the time that was asked for, and then opens for one call", ({ expect }) => {
    const closed = afterRefusal(openGate(NOW), NOW, 5000, NOW + 10);
    expect(startAt(closed, 0)).toBe(NOW + 5010);
    expect(startAt(closed, 1)).toBe(Infinity);
    const probed = afterTaken(afterStart(closed, NOW + 5010), NOW + 5010);
    expect(startAt(probed, 1)).toBeLessThan(Infinity);
  });

  it("waits a second, and twice as long each time, up to five minutes, where no time is named", ({
    expect,
  }) => {
    let [gate, now] = [openGate(NOW), NOW];
    const waits = Array.from({ length: 11 }, () => {
      gate = afterRefusal(afterStart(gate, now), now, null, now);
      const wait = gate.closedUntil - now;
      now = gate.closedUntil;
      return wait / 1000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it("counts refusals of calls in flight together as one", ({ expect }) => {
    const first = afterRefusal(openGate(NOW), NOW, null, NOW + 20);
    const second = afterRefusal(first, NOW + 1, null, NOW + 25);
    expect(second).toMatchObject({ unnamed: 1, closedUntil: NOW + 1025 });
  });
});
