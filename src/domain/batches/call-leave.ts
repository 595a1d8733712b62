// Counts the outgoing requests of a batch against the day's budget of the caller who sent it without a token. It takes
// leave for many requests at a time, and gives back what it did not need.
import { nextMidnight } from "../../lib/next-midnight";
import type { Budgets, CallerTable } from "../callers/budgets";
import { buyCalls, giveBackCalls } from "../callers/buy-calls";
import { awayMs } from "./away";

/** Leave to send requests that is kept with a batch until it is over. */
export interface StoredLeave {
  /** The caller's address. */
  readonly caller: string;
  /** Requests that are paid for and were not sent; below 0 for those that were sent unpaid. */
  readonly left: number;
  /** The end of the day whose budget paid, in milliseconds since 1970 UTC: then nothing is left. */
  readonly until: number;
}

/** The leave that a batch begins with, whose submission or retry has paid for so many requests. */
export function leaveFor(caller: string, left: number, now: number): StoredLeave {
  return { caller, left, until: nextMidnight(now) };
}

/** Surroundings of a leave. */
export interface LeaveDeps {
  /** The batch's own, or undefined if its calls are not counted. */
  readonly read: () => StoredLeave | undefined;
  readonly write: (leave: StoredLeave) => void;
  /** Null if callers have no budgets. */
  readonly budgets: () => Budgets | null;
  readonly spend: CallerTable["spend"];
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Is told that there may be more leave. */
  readonly onMore: () => void;
  /** Is told that there is none until an instant. */
  readonly onSpent: (until: number) => void;
}

/** Requests that leave is taken for at a time: a crash loses no more of them. */
const REQUESTS_AT_A_TIME = 100;
/** Milliseconds after which the budgets are asked again, if they could not be reached. */
const ASK_AGAIN_MS = 60_000;

/** The leave of one run. */
export class CallLeave {
  readonly #deps: LeaveDeps;
  #held = 0;
  #heldUntil = 0;
  /** The most requests that an item of this run took so far. */
  #usual = 1;
  #isAsking = false;
  #spentUntil = 0;

  constructor(deps: LeaveDeps) {
    this.#deps = deps;
  }

  /**
   * Returns true if so many items may be in flight. Else it asks for leave, and tells of it.
   *
   * @param pending items that have not ended
   */
  hasFor(items: number, pending: number): boolean {
    const { read, budgets, now, onSpent } = this.#deps;
    if (read() === undefined || budgets() === null) return true;
    if (this.#heldUntil <= now()) this.#held = Math.min(0, this.#held);
    const needed = items * this.#usual;
    if (needed <= this.#held) return true;
    if (this.#spentUntil <= now()) void this.#ask(needed, pending * this.#usual);
    // With other items in flight it is not spent yet: they may give back a part of what was reserved for them.
    else if (items === 1) onSpent(this.#spentUntil);
    return false;
  }

  /** Notes the requests that an item took. */
  used(requests: number): void {
    if (this.#deps.read() === undefined) return;
    this.#held -= requests;
    this.#usual = Math.max(this.#usual, requests);
  }

  /** Keeps what is left with the batch. */
  close(): void {
    const leave = this.#deps.read();
    const held = this.#held;
    this.#held = 0;
    if (leave === undefined || held === 0) return;
    const now = this.#deps.now();
    if (now < leave.until) this.#deps.write({ ...leave, left: leave.left + held });
    else this.#deps.write(leaveFor(leave.caller, Math.min(held, 0), now));
  }

  async #ask(needed: number, useful: number): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { now, onMore } = this.#deps;
    try {
      const missing = needed - this.#held;
      await this.#take(missing, Math.max(missing, Math.min(useful, REQUESTS_AT_A_TIME)));
    } catch (error) {
      this.#spentUntil = now() + (awayMs(error) ?? ASK_AGAIN_MS);
    }
    this.#isAsking = false;
    onMore();
  }

  /** Takes what the batch has paid for, or buys more. */
  async #take(missing: number, wanted: number): Promise<void> {
    const { read, write, now } = this.#deps;
    const leave = read();
    if (leave === undefined) return;
    const paid = now() < leave.until ? leave.left : Math.min(0, leave.left);
    const taken = Math.min(paid, wanted);
    if (taken !== 0) write({ ...leave, left: paid - taken });
    this.#held += taken;
    this.#heldUntil = nextMidnight(now());
    if (taken >= missing) return;
    const bought = await this.#buy(leave.caller, wanted - taken);
    this.#held += bought;
  }

  /** @returns so many requests, or what is left of the budget */
  async #buy(caller: string, calls: number): Promise<number> {
    const { spend, budgets, now } = this.#deps;
    const limits = budgets();
    if (limits === null) return calls;
    const bought = await buyCalls({ caller, budgets: limits, spend }, calls);
    if (bought < calls) this.#spentUntil = nextMidnight(now());
    return bought;
  }
}

/** Gives back what a batch that is over has not used of its caller's budget. */
export async function giveBack(
  { caller, left, until }: StoredLeave,
  { budgets, spend, now }: Pick<LeaveDeps, "budgets" | "spend" | "now">,
): Promise<void> {
  const limits = budgets();
  if (limits !== null) await giveBackCalls({ caller, budgets: limits, spend, now }, left, until);
}
