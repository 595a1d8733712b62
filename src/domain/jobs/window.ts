// The items of a job that wait for something else: which of them is started next, and what its outcome makes of it.
// Synchronous and without a clock of its own; `window-run.ts` hands the items out and brings the outcomes back.
import { BinaryHeap } from "../../lib/binary-heap";
import { afterRefusal, afterStart, afterTaken, openGate, startAt, type Gate } from "./gate";
import {
  advance,
  INTERRUPTED,
  NEVER_RUN,
  type Attempt,
  type ChunkStore,
  type Counts,
  type DueItem,
  type ItemState,
} from "./job";

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

/** The items that wait for their next attempt, and the first instant at which one of them is due. */
export interface Waiting {
  readonly items: number;
  readonly until: number;
}

/** Surroundings of a window. */
export interface WindowDeps {
  readonly store: ChunkStore;
  readonly plan: (item: unknown, index: number) => ItemPlan;
  /** Milliseconds to wait after so many attempts. */
  readonly delay: (attempts: number) => number;
}

interface OpenChunk {
  readonly first: number;
  readonly items: readonly unknown[];
  states: ItemState[];
  isDirty: boolean;
  running: number;
}

interface Running {
  readonly plan: ItemPlan;
  readonly startedAt: number;
}

/** Chunks that are kept in memory though nothing of them is in flight. */
const MAX_IDLE_CHUNKS = 4;
/** Items that one look for a startable one goes through, so that other events are not held up. */
const MAX_SEARCHED = 5000;
/** Hosts without a refusal whose gates are kept: they tell what a host took before its first one. */
const MAX_OPEN_GATES = 10_000;
/** Characters of results that are kept with the marks of attempts in flight; more are saved in their chunks. */
const MAX_FLIGHT_CHARACTERS = 200_000;

/** Items in flight, and those that follow. */
export class Window {
  readonly #deps: WindowDeps;
  readonly #todo: readonly number[];
  readonly #chunks = new Map<number, OpenChunk>();
  readonly #running = new Map<number, Running>();
  readonly #inFlightOf = new Map<string, number>();
  readonly #gates: Map<string, Gate>;
  /** Items whose gate was closed when they were found, by gate. */
  readonly #parked = new Map<string, BinaryHeap<number>>();
  readonly #delayed = new BinaryHeap<{ index: number; dueAt: number }>(({ dueAt }) => dueAt);
  /** States of items sent once, which are not saved in their chunk yet. */
  readonly #endedOnce = new Map<number, ItemState>();
  #counts: Counts;
  #at = 0;
  #offset = 0;
  #areGatesNew = false;
  #areMarksNew = false;
  #rateAt = 0;
  /** The item that was planned last, since its plan is mostly asked for again. */
  #planned: { readonly index: number; readonly plan: ItemPlan } | undefined;

  constructor(deps: WindowDeps, now: number) {
    this.#deps = deps;
    const { store } = deps;
    this.#todo = store.unfinished();
    this.#counts = store.counts();
    this.#gates = new Map(Object.entries(store.gates));
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
    return this.#at < this.#todo.length || this.#delayed.size > 0 || this.#parked.size > 0;
  }

  /** True if anything is not saved yet. */
  get hasNews(): boolean {
    return this.#areGatesNew || [...this.#chunks.values()].some(({ isDirty }) => isDirty);
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
    for (let due = this.#delayed.peek(); due !== undefined && due.dueAt <= now;) {
      this.#delayed.pop();
      this.#park(this.#planOf(due.index).gate, due.index);
      due = this.#delayed.peek();
    }
    const index = this.#takeParked(now) ?? this.#takeUnseen(now);
    if (typeof index === "number") return this.#start(index, now, intervalMs);
    return index.until;
  }

  /** Records the outcome of an item in flight, and returns the state that it is in now. */
  end(index: number, attempt: Attempt, now: number): ItemState {
    const { plan, startedAt } = this.#leave(index);
    this.#judge(plan.gate, attempt, startedAt, now);
    return this.#advance(index, plan, attempt, now);
  }

  /** Takes an item back that was not sent. */
  putBack(index: number): void {
    const { plan } = this.#leave(index);
    this.#park(plan.gate, index);
  }

  /** Items that wait for their next attempt; null for none. */
  waiting(now: number): Waiting | null {
    let items = this.#delayed.size;
    let until = this.#delayed.peek()?.dueAt ?? Infinity;
    for (const [name, parked] of this.#parked) {
      const { closedUntil = 0 } = this.#gates.get(name) ?? {};
      if (closedUntil <= now) continue;
      items += parked.size;
      until = Math.min(until, closedUntil);
    }
    return items === 0 ? null : { items, until };
  }

  /** Keeps the starts of attempts that must not be repeated unknowingly, before they are sent. */
  saveMarks(now: number): void {
    if (!this.#areMarksNew) return;
    const started = [...this.#running].flatMap(([index, { plan }]) =>
      plan.isOnce ? [[index, this.#stateOf(index).attempts + 1] as const] : [],
    );
    let flight = { started, ended: [...this.#endedOnce] };
    if (JSON.stringify(flight.ended).length > MAX_FLIGHT_CHARACTERS) {
      this.save(now);
      flight = { started, ended: [] };
    }
    this.#deps.store.flight = flight;
    this.#areMarksNew = false;
  }

  /** Saves everything that is new. */
  save(now: number): void {
    const { store } = this.#deps;
    for (const chunk of this.#chunks.values()) {
      if (!chunk.isDirty) continue;
      chunk.states = store.save(chunk, chunk.states, now);
      chunk.isDirty = false;
    }
    this.#endedOnce.clear();
    if (this.#areGatesNew) store.gates = Object.fromEntries(this.#refused());
    this.#areGatesNew = false;
    this.#forget();
  }

  /** Forgets the marks, once nothing is in flight and everything is saved. */
  clearMarks(): void {
    if (this.#deps.store.flight !== null) this.#deps.store.flight = null;
  }

  /** Ends what a crash cut off, and restores results that had not reached their chunk. */
  #recover(now: number): void {
    const { flight } = this.#deps.store;
    if (flight === null) return;
    if (this.#todo.length === 0) return this.clearMarks();
    for (const [index, state] of flight.ended) {
      const before = this.#pendingState(index);
      if (before !== null && before.attempts < state.attempts) this.#set(index, before, state);
    }
    for (const [index, attempts] of flight.started) {
      const state = this.#pendingState(index);
      if (state === null || state.attempts >= attempts) continue;
      this.#set(index, state, this.#next(index, this.#planOf(index), INTERRUPTED, now));
    }
    // The marks are written again with the next start; until then they are harmless, since the items have moved on.
    this.save(now);
    this.clearMarks();
  }

  #takeParked(now: number): number | null {
    for (const [name, parked] of this.#parked) {
      if (this.#startAt(name) > now) continue;
      const index = parked.pop();
      if (parked.size === 0) this.#parked.delete(name);
      if (index !== undefined) return index;
    }
    return null;
  }

  /** The next item that was never looked at; if there is none, when to ask again. */
  #takeUnseen(now: number): number | { until: number } {
    for (let searched = 0; searched < MAX_SEARCHED; searched += 1) {
      const first = this.#todo[this.#at];
      if (first === undefined) return { until: this.#nextAt(now) };
      const chunk = this.#open(first);
      const index = first + this.#offset;
      const state = chunk.states[this.#offset];
      this.#offset += 1;
      if (this.#offset >= chunk.states.length) {
        this.#at += 1;
        this.#offset = 0;
        this.#forget();
      }
      if (state?.status !== "pending") continue;
      if (state.dueAt > now) {
        this.#delayed.push({ index, dueAt: state.dueAt });
        continue;
      }
      const { gate } = this.#planOf(index);
      if (this.#startAt(gate) <= now) return index;
      this.#park(gate, index);
    }
    return { until: now };
  }

  #nextAt(now: number): number {
    const gates = [...this.#parked.keys()].map((name) => this.#startAt(name));
    const due = this.#delayed.peek()?.dueAt ?? Infinity;
    return Math.max(now, Math.min(due, ...gates));
  }

  #startAt(name: string): number {
    const gate = this.#gates.get(name);
    return gate === undefined ? 0 : startAt(gate, this.#inFlightOf.get(name) ?? 0);
  }

  #start(index: number, now: number, intervalMs: number): Start {
    const chunk = this.#open(this.#firstOf(index));
    const plan = this.#planOf(index);
    const { attempts } = this.#stateOf(index);
    chunk.running += 1;
    this.#running.set(index, { plan, startedAt: now });
    this.#inFlightOf.set(plan.gate, (this.#inFlightOf.get(plan.gate) ?? 0) + 1);
    const gate = this.#gates.get(plan.gate) ?? openGate(now);
    if (this.#gates.has(plan.gate) || this.#gates.size < MAX_OPEN_GATES)
      this.#gates.set(plan.gate, afterStart(gate, now));
    // A start that came late is made up for, by one interval at most.
    if (intervalMs > 0) this.#rateAt = Math.max(this.#rateAt, now - intervalMs) + intervalMs;
    this.#areMarksNew ||= plan.isOnce;
    const item = chunk.items[index - chunk.first];
    return { index, item, attempts, isOnce: plan.isOnce };
  }

  #leave(index: number): Running {
    const running = this.#running.get(index);
    if (running === undefined) throw new Error(`Item ${index} is not in flight`);
    const { gate } = running.plan;
    this.#running.delete(index);
    const inFlight = (this.#inFlightOf.get(gate) ?? 1) - 1;
    if (inFlight > 0) this.#inFlightOf.set(gate, inFlight);
    else this.#inFlightOf.delete(gate);
    this.#open(this.#firstOf(index)).running -= 1;
    return running;
  }

  #judge(name: string, attempt: Attempt, startedAt: number, now: number): void {
    const gate = this.#gates.get(name);
    if (attempt.status === "refused") {
      const closed = afterRefusal(gate ?? openGate(startedAt), startedAt, attempt.waitMs, now);
      this.#gates.set(name, closed);
      this.#areGatesNew = true;
    } else if (gate !== undefined) {
      this.#gates.set(name, afterTaken(gate, startedAt));
      this.#areGatesNew ||= gate.closedUntil > 0;
    }
  }

  #advance(index: number, plan: ItemPlan, attempt: Attempt, now: number): ItemState {
    const before = this.#pendingState(index);
    if (before === null) throw new Error(`Item ${index} has ended already`);
    const state = this.#next(index, plan, attempt, now);
    this.#set(index, before, state);
    if (plan.isOnce) this.#endedOnce.set(index, state);
    if (state.status !== "pending") return state;
    // The gate knows best when a refused item is sent again: those of a closed host all wait for it.
    if (attempt.status === "refused") this.#park(plan.gate, index);
    else this.#delayed.push({ index, dueAt: state.dueAt });
    return state;
  }

  #next(index: number, { maxAttempts, gate }: ItemPlan, attempt: Attempt, now: number): ItemState {
    const before = this.#pendingState(index) ?? NEVER_RUN;
    if (before.status !== "pending") return before;
    const { delay } = this.#deps;
    const state = advance(before, attempt, { maxAttempts, delay }, now);
    if (attempt.status !== "refused" || state.status !== "pending") return state;
    return { ...state, dueAt: this.#gates.get(gate)?.closedUntil ?? state.dueAt };
  }

  #set(index: number, before: ItemState, state: ItemState): void {
    const chunk = this.#open(this.#firstOf(index));
    chunk.states[index - chunk.first] = state;
    chunk.isDirty = true;
    this.#counts = count(this.#counts, before, state);
  }

  #park(gate: string, index: number): void {
    const parked = this.#parked.get(gate) ?? new BinaryHeap<number>((each) => each);
    parked.push(index);
    this.#parked.set(gate, parked);
  }

  #planOf(index: number): ItemPlan {
    if (this.#planned?.index === index) return this.#planned.plan;
    const { first, items } = this.#open(this.#firstOf(index));
    const plan = this.#deps.plan(items[index - first], index);
    this.#planned = { index, plan };
    return plan;
  }

  #stateOf(index: number): ItemState {
    const { first, states } = this.#open(this.#firstOf(index));
    return states[index - first] ?? NEVER_RUN;
  }

  /** The state of an item if it is pending. A chunk that is not to be done has none that is. */
  #pendingState(index: number): Extract<ItemState, { status: "pending" }> | null {
    const { first, states } = this.#open(this.#firstOf(index));
    const state = states[index - first];
    return state?.status === "pending" ? state : null;
  }

  #open(first: number): OpenChunk {
    const known = this.#chunks.get(first);
    if (known !== undefined) return known;
    const { items, states } = this.#deps.store.load(first);
    const chunk = {
      first,
      items,
      states: [...(states ?? items.map(() => NEVER_RUN))],
      isDirty: false,
      running: 0,
    };
    this.#chunks.set(first, chunk);
    return chunk;
  }

  /** The chunk of an item: the last that does not begin after it. */
  #firstOf(index: number): number {
    let [low, high] = [0, this.#todo.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#todo[middle] ?? Infinity) <= index) low = middle;
      else high = middle - 1;
    }
    return this.#todo[low] ?? 0;
  }

  /** Drops chunks of which nothing is in flight or unsaved, but for those that were used last. */
  #forget(): void {
    let idle = this.#chunks.size - MAX_IDLE_CHUNKS;
    for (const [first, { isDirty, running }] of this.#chunks) {
      if (idle <= 0) return;
      idle -= 1;
      if (!isDirty && running === 0) this.#chunks.delete(first);
    }
  }

  *#refused(): Generator<readonly [string, Gate]> {
    for (const [name, gate] of this.#gates) if (gate.closedUntil > 0) yield [name, gate];
  }
}

/** The counts after a change of one item. */
export function count(counts: Counts, before: ItemState, after: ItemState): Counts {
  if (before.status !== "pending" || after.status === "pending") return counts;
  if (after.status !== "failed") return { ...counts, succeeded: counts.succeeded + 1 };
  const { code } = after.error;
  const failedByCode = { ...counts.failedByCode, [code]: (counts.failedByCode[code] ?? 0) + 1 };
  return { ...counts, failed: counts.failed + 1, failedByCode };
}
