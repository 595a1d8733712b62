// A window that runs on a clock moved by hand: how long each item takes, and what comes of it, is the test's.
import type { Attempt, DueItem } from "../../src/domain/jobs/job";
import { Lanes, type LaneOpener } from "../../src/domain/jobs/lanes";
import { Window, type ItemPlan } from "../../src/domain/jobs/window";
import { WindowRun, type Bounds, type Rest } from "../../src/domain/jobs/window-run";
import { FakeClock } from "./fake-clock";
import type { MemoryChunks } from "./memory-chunks";

/** What an upstream makes of a call. */
export interface Answer {
  readonly ms: number;
  readonly attempt: Attempt;
  readonly requests?: number;
}

/** A session: its lane, from when to when it was open, the requests sent in it and the most items at once. */
interface Session {
  readonly lane: number;
  readonly openedAt: number;
  closedAt: number;
  requests: number;
  most: number;
}

/** Settings of a run. */
export interface Setup {
  readonly store: MemoryChunks;
  readonly bounds?: Partial<Bounds>;
  readonly plan?: (item: unknown) => Partial<ItemPlan>;
  /** Called as a call arrives. */
  readonly answer: (due: DueItem, now: number) => Answer;
  readonly opener?: Partial<LaneOpener>;
}

const STEP_MS = 1000;

/** An item that was done. */
export const OK: Attempt = { status: "succeeded", output: null };

/** A run in progress, and what was seen of it. */
export class FakeRun {
  readonly clock = new FakeClock();
  readonly sent: { readonly index: number; readonly at: number; readonly inFlight: number }[] = [];
  /** Sessions that were opened. */
  readonly sessions: Session[] = [];
  readonly bounds: { -readonly [K in keyof Bounds]: Bounds[K] };
  readonly window: Window;
  readonly run: WindowRun;
  rest: Rest | null = null;
  inFlight = 0;
  #restedAt = Infinity;

  constructor({ store, bounds, plan = () => ({}), answer, opener }: Setup) {
    this.bounds = { mayStart: true, concurrency: 6, intervalMs: 0, ...bounds };
    this.window = new Window(
      {
        store,
        plan: (item) => ({ gate: "host", isOnce: false, maxAttempts: 3, ...plan(item) }),
        delay: () => 100,
      },
      this.clock.epochNow(),
    );
    this.run = new WindowRun({
      window: this.window,
      lanes: new Lanes({
        requests: 45,
        requestsPerItem: 7,
        usualRequests: 1,
        open: async (lane) => this.#open(lane, answer),
        ...opener,
      }),
      clock: this.clock,
      bounds: () => this.bounds,
      hasLeave: () => true,
      log: () => undefined,
      onProgress: () => undefined,
    });
  }

  /** Starts it. */
  start(): this {
    void this.run.run().then((rest) => {
      this.rest = rest;
      this.#restedAt = this.clock.now();
    });
    return this;
  }

  /** Lets time pass until it rests. @returns the milliseconds that took */
  async untilRest(maxMs = 3_600_000): Promise<number> {
    const startedAt = this.clock.now();
    while (this.rest === null && this.clock.now() - startedAt < maxMs)
      await this.clock.advance(STEP_MS);
    return this.#restedAt - startedAt;
  }

  #open(lane: number, answer: Setup["answer"]) {
    const openedAt = this.clock.now();
    const session = { lane, openedAt, closedAt: Infinity, requests: 0, most: 0 };
    let busy = 0;
    this.sessions.push(session);
    const run = async (due: DueItem) => {
      busy += 1;
      this.inFlight += 1;
      session.most = Math.max(session.most, busy);
      this.sent.push({ index: due.index, at: this.clock.now(), inFlight: this.inFlight });
      const { ms, attempt, requests = 1 } = answer(due, this.clock.now());
      session.requests += requests;
      await this.clock.sleep(ms, new AbortController().signal);
      busy -= 1;
      this.inFlight -= 1;
      return { attempt, requests };
    };
    return { run, close: () => void (session.closedAt = this.clock.now()) };
  }
}

/** Milliseconds that items of these lengths take at least, so many at once, started in order. */
export function optimum(durations: readonly number[], concurrency: number): number {
  const ends = Array.from({ length: concurrency }, () => 0);
  for (const ms of durations) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] = (ends[first] ?? 0) + ms;
  }
  return Math.max(...ends);
}
