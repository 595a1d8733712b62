// KV as an outbox meets it: a write a second for a key, so many a day, some replies lost, some hours out
// of order, some values refused for good.
import { nextMidnight } from "../../src/lib/next-midnight";
import type { Random } from "../support/random";
import { check } from "./runner";

const PACE_MS = 1000;
const SPENT = /limit exceeded for the day/;

/** A record's state; null once it is deleted. */
export interface State {
  readonly version: number;
  /** Over a limit of KV. */
  readonly isTooLarge: boolean;
}

/** A KV namespace that refuses writes as the platform does. */
export class RefusingKv {
  /** Nothing is accepted, as in an outage. */
  isOut = false;
  readonly #quota: number;
  readonly #states = new Map<string, { version: number | null; writtenAt: number }>();
  /** The instant of the last answer, by key. */
  readonly #answeredAt = new Map<string, number>();
  #day = 0;
  /** Of this day: they have a quota each. */
  #taken = { put: 0, delete: 0 };
  #closedUntil = 0;
  /** Versions that it has, as the object was told. */
  readonly #written = new Set<number>();
  /** Versions that it has from elsewhere. */
  readonly #placed = new Set<number>();
  readonly #again = new Set<number>();

  /** @param quota writes a day, and as many deletions */
  constructor(quota: number) {
    this.#quota = quota;
  }

  /** The version that is there, or null for none. */
  version(id: string): number | null {
    return this.#states.get(id)?.version ?? null;
  }

  /** Has this from elsewhere. */
  place(id: string, { version }: State): void {
    this.#states.set(id, { version, writtenAt: -Infinity });
    this.#placed.add(version);
  }

  /** A write is sent. */
  checkSent(id: string, state: State | null, now: number): void {
    const isThere =
      state !== null && (this.#written.has(state.version) || this.#placed.has(state.version));
    check(!isThere, `what KV has of ${id} is not sent again`);
    const last = this.#answeredAt.get(id) ?? -Infinity;
    check(now - last >= PACE_MS, `KV is asked once a second about ${id}`);
    check(now >= this.#closedUntil, "while the pause of a day lasts, nothing is sent to KV");
  }

  /** The write arrives. @returns the refusal, or null once it is answered */
  write(id: string, state: State | null, now: number, chance: Random): Error | null {
    const refusal = this.#refuse(id, state, now);
    if (refusal !== null) return refusal;
    const isLost = this.isOut || chance.chance(0.05);
    if (!this.isOut || chance.chance(0.3)) this.#accept(id, state, now);
    return isLost ? new Error("KV PUT failed: 500 Internal Server Error") : null;
  }

  /** A write was answered well. */
  toldWritten(state: State | null): void {
    if (state !== null && !this.#again.has(state.version)) this.#written.add(state.version);
  }

  /** These may be sent once more. */
  mayBeSentAgain(states: readonly (State | null)[]): void {
    for (const state of states) {
      if (state === null) continue;
      this.#again.add(state.version);
      this.#written.delete(state.version);
    }
  }

  /** An answer was told to an object that could take note of it. */
  told(id: string, answer: Error | null, now: number): void {
    // Any other refusal is one of all keys, which pause together.
    if (answer === null || isOfKey(answer)) this.#answeredAt.set(id, now);
    if (answer !== null && SPENT.test(answer.message)) this.#closedUntil = nextMidnight(now);
  }

  /** An object that has just started knows of no write. */
  forgetTold(): void {
    this.#answeredAt.clear();
    this.#written.clear();
  }

  #refuse(id: string, state: State | null, now: number): Error | null {
    const day = nextMidnight(now);
    if (day !== this.#day) [this.#day, this.#taken] = [day, { put: 0, delete: 0 }];
    const operation = operationOf(state);
    if (this.#taken[operation] >= this.#quota)
      return new Error(`KV ${operation}() limit exceeded for the day.`);
    if (now - (this.#states.get(id)?.writtenAt ?? -Infinity) < PACE_MS)
      return new Error("KV PUT failed: 429 Too Many Requests");
    if (state?.isTooLarge === true)
      return new Error("KV PUT failed: 413 Metadata length of 1108 exceeds limit of 1024.");
    return null;
  }

  #accept(id: string, state: State | null, now: number): void {
    this.#taken[operationOf(state)] += 1;
    this.#states.set(id, { version: state?.version ?? null, writtenAt: now });
  }
}

function operationOf(state: State | null): "put" | "delete" {
  return state === null ? "delete" : "put";
}

/** Tells if a refusal is one of a single key, and no matter of the others. */
export function isOfKey({ message }: Error): boolean {
  return message.includes("failed: 4");
}
