// The items of a job that wait for something else: which of them is started next, and what its outcome makes of it.
// Synchronous and without a clock of its own; `window-run.ts` hands the items out and brings the outcomes back.
import { nextStartAt } from "./gate";
import { counted } from "./counted";
import { HostGates } from "./host-gates";
import {
  advance,
  INTERRUPTED,
  isUnsent,
  type Attempt,
  type ChunkStore,
  type Counts,
  type DueItem,
  type ItemState,
  type PendingState,
} from "./job";
import { OpenChunks } from "./open-chunks";
import { WaitingItems, type Waiting } from "./waiting-items";

/** Facts about an item that decide when it is started, and how often. */
export interface ItemPlan {
  /** The host that it calls: all items with one gate wait together. */
  readonly gate: string;
  /** True if a repeat may have its effect a second time. */
  readonly isOnce: boolean;
  /** Attempts at it, flow control aside. */
  readonly maxAttempts: number;
}

/** An item to be sent now. */
export interface Start extends DueItem {
  readonly isOnce: boolean;
}

/** Surroundings of a window. */
export interface WindowDeps {
  readonly store: ChunkStore;
  readonly plan: (item: unknown, index: number) => ItemPlan;
  /** Milliseconds to wait after so many attempts. */
  readonly delay: (attempts: number) => number;
}

type Running = { readonly plan: ItemPlan; readonly startedAt: number };

/** Items that one look for a startable one goes through, so that other events are not held up. */
const MAX_SEARCHED = 5000;
/** Characters of results that are kept with the marks of attempts in flight; more are saved in their chunks. */
const MAX_FLIGHT_CHARACTERS = 200_000;

/** Items in flight, and those that follow. */
export class Window {
  readonly #deps: WindowDeps;
  readonly #chunks: OpenChunks;
  readonly #gates: HostGates;
  readonly #running = new Map<number, Running>();
  readonly #waiting: WaitingItems;
  /** States of items sent once, which are not saved in their chunk yet. */
  readonly #endedOnce = new Map<number, ItemState>();
  #counts: Counts;
  /** The first item that was never looked at: the chunk's place in the list, and its own in the chunk. */
  #unseen = { chunk: 0, offset: 0 };
  #areMarksNew = false;
  #rateAt = 0;
  /** The item that was planned last, since its plan is mostly asked for again. */
  #planned: { readonly index: number; readonly plan: ItemPlan } | undefined;

  constructor(deps: WindowDeps, now: number) {
    this.#deps = deps;
    const { store } = deps;
    this.#chunks = new OpenChunks(store);
    this.#gates = new HostGates(store.gates);
    this.#waiting = new WaitingItems(this.#gates);
    this.#counts = store.counts();
    this.#recover(now);
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** Counts of finished items, those that are not saved yet included. */
  get counts(): Counts {
    return this.#counts;
  }

  /** True if any item is pending and not in flight. */
  get hasLeft(): boolean {
    return !this.#waiting.isEmpty || this.#unseen.chunk < this.#chunks.firsts.length;
  }

  /** True if anything is not saved yet. */
  get hasNews(): boolean {
    return this.#gates.hasNews || this.#chunks.hasNews;
  }

  /**
   * Takes the next item to be sent.
   *
   * @param intervalMs between two starts, 0 for none
   * @returns the instant at which to ask again where there is none now; Infinity if that depends on what is in
   * flight
   */
  take(now: number, intervalMs: number): Start | number {
    if (!this.hasLeft) return Infinity;
    if (intervalMs > 0 && this.#rateAt > now) return this.#rateAt;
    const index = this.#waiting.take(now) ?? this.#takeUnseen(now);
    if (typeof index !== "number") return index.until;
    this.#rateAt = nextStartAt(this.#rateAt, intervalMs, now);
    return this.#start(index, now);
  }

  /** Records the outcome of an item in flight, and returns the state that it is in now. */
  end(index: number, attempt: Attempt, now: number): ItemState {
    const { plan, startedAt } = this.#leave(index);
    this.#gates.judge(plan.gate, { attempt, startedAt }, now);
    const state = this.#advance(index, plan, attempt, now);
    if (plan.isOnce) this.#endedOnce.set(index, this.#chunks.stateOf(index) ?? state);
    this.#areMarksNew ||= plan.isOnce && isUnsent(attempt);
    if (state.status !== "pending") return state;
    // The gate knows best when a refused item is sent again: those of a closed host all wait for it.
    if (attempt.status === "refused") this.#waiting.park(plan.gate, index);
    else this.#waiting.delay(plan.gate, index, state.dueAt);
    return state;
  }

  /** Takes an item back that was not sent. */
  putBack(index: number): void {
    const { plan } = this.#leave(index);
    this.#areMarksNew ||= plan.isOnce; // Its mark must go, or a crash would tell it as sent.
    this.#waiting.park(plan.gate, index);
  }

  /** Items that wait for their next attempt; null for none. */
  waiting(now: number): Waiting | null {
    return this.#waiting.waiting(now);
  }

  /** Keeps the starts of attempts that must not be repeated unknowingly, before they are sent. */
  saveMarks(now: number): void {
    if (!this.#areMarksNew) return;
    const started = [...this.#running].flatMap(([index, { plan }]) =>
      plan.isOnce ? [[index, (this.#pending(index)?.attempts ?? 0) + 1] as const] : [],
    );
    let ended = [...this.#endedOnce];
    if (JSON.stringify(ended).length > MAX_FLIGHT_CHARACTERS) {
      this.save(now);
      ended = [];
    }
    this.#deps.store.flight = { started, ended };
    this.#areMarksNew = false;
  }

  /** Saves everything that is new. */
  save(now: number): void {
    this.#chunks.save(now);
    this.#endedOnce.clear();
    if (this.#gates.hasNews) this.#deps.store.gates = this.#gates.toSave();
    this.#gates.hasNews = false;
  }

  /** Forgets the marks, once nothing is in flight and everything is saved. */
  clearMarks(): void {
    if (this.#deps.store.flight !== null) this.#deps.store.flight = null;
  }

  /** Ends what a crash cut off, and restores results that had not reached their chunk. */
  #recover(now: number): void {
    const { flight } = this.#deps.store;
    if (flight === null) return;
    for (const [index, state] of flight.ended) {
      const before = this.#pending(index);
      if (before !== null && before.attempts < state.attempts) this.#set(index, state);
    }
    for (const [index, attempts] of flight.started) {
      const before = this.#pending(index);
      if (before === null || before.attempts >= attempts) continue;
      this.#advance(index, this.#planOf(index), INTERRUPTED, now);
    }
    this.save(now);
    this.clearMarks();
  }

  /** The next item that was never looked at; if there is none, when to ask again. */
  #takeUnseen(now: number): number | { until: number } {
    for (let searched = 0; searched < MAX_SEARCHED; searched += 1) {
      const index = this.#nextUnseen();
      if (index === null) return { until: Math.max(now, this.#waiting.nextAt()) };
      const state = this.#pending(index);
      if (state === null) continue;
      const { gate } = this.#planOf(index);
      if (state.dueAt > now) {
        this.#waiting.delay(gate, index, state.dueAt);
        continue;
      }
      if (this.#gates.startAt(gate) <= now) return index;
      this.#waiting.park(gate, index);
    }
    return { until: now };
  }

  #nextUnseen(): number | null {
    const { chunk, offset } = this.#unseen;
    const first = this.#chunks.firsts[chunk];
    if (first === undefined) return null;
    const isLast = offset + 1 >= this.#chunks.sizeOf(first);
    this.#unseen = isLast ? { chunk: chunk + 1, offset: 0 } : { chunk, offset: offset + 1 };
    if (isLast) this.#chunks.forget();
    return first + offset;
  }

  #start(index: number, now: number): Start {
    const plan = this.#planOf(index);
    this.#chunks.enter(index);
    this.#gates.enter(plan.gate, now);
    this.#running.set(index, { plan, startedAt: now });
    this.#areMarksNew ||= plan.isOnce;
    const attempts = this.#pending(index)?.attempts ?? 0;
    return { index, item: this.#chunks.itemOf(index), attempts, isOnce: plan.isOnce };
  }

  #leave(index: number): Running {
    const running = this.#running.get(index);
    if (running === undefined) throw new Error(`Item ${index} is not in flight`);
    this.#running.delete(index);
    this.#gates.leave(running.plan.gate);
    this.#chunks.leave(index);
    return running;
  }

  /** Sets the state of a pending item after an attempt. */
  #advance(index: number, plan: ItemPlan, attempt: Attempt, now: number): ItemState {
    const before = this.#pending(index);
    if (before === null) throw new Error(`Item ${index} has ended already`);
    const { maxAttempts, gate } = plan;
    const next = advance(before, attempt, { maxAttempts, delay: this.#deps.delay }, now);
    const isRefused = attempt.status === "refused" && next.status === "pending";
    const state = isRefused ? { ...next, dueAt: this.#gates.closedUntil(gate) } : next;
    this.#set(index, state);
    return state;
  }

  #set(index: number, state: ItemState): void {
    this.#chunks.set(index, state);
    this.#counts = counted(this.#counts, state);
  }

  #planOf(index: number): ItemPlan {
    if (this.#planned?.index === index) return this.#planned.plan;
    const plan = this.#deps.plan(this.#chunks.itemOf(index), index);
    this.#planned = { index, plan };
    return plan;
  }

  /** The state of an item if it is pending. */
  #pending(index: number): PendingState | null {
    const state = this.#chunks.stateOf(index);
    return state?.status === "pending" ? state : null;
  }
}
