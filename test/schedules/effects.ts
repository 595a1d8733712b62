// The effects that commits promised, and those that carry them out: what is started once must be done, in
// the order of its lane.
import { laneOf } from "../../src/domain/records/outbox";
import type { Effect } from "../../src/domain/records/record";
import type { Random } from "../support/random";
import { check } from "./runner";

/** An effect with its place in its lane, from 0 on. */
export type Numbered = Effect & { readonly nth: number };

const KINDS = ["notify", "notify", "unassign", "recheck-email"] as const;

interface Lane {
  promised: number;
  /** Done at least once. */
  done: number;
  /** The last one that was begun. */
  begun: number;
  isUnderWay: boolean;
  /** The instant at which the last attempt failed. */
  failedAt: number;
}

/** The shortest delay before anything is repeated. */
const MIN_BACKOFF_MS = 1000;

/** The outside world that effects change, with a record of every attempt. */
export class Effects {
  readonly #lanes = new Map<string, Lane>();

  /** Effects of a commit that is not made yet. */
  draw(recordId: string, chance: Random): Numbered[] {
    const numbers = new Map<string, number>();
    return Array.from({ length: chance.between(0, 3) }, () => {
      const kind = KINDS[chance.between(0, KINDS.length - 1)] ?? "notify";
      // The event of a `notify` means nothing to the outbox.
      const effect = { kind, recordId } as unknown as Effect;
      const lane = laneOf(effect);
      const nth = numbers.get(lane) ?? this.#lane(lane).promised;
      numbers.set(lane, nth + 1);
      return { ...effect, nth };
    });
  }

  /** Their commit is made. */
  promise(effects: readonly Numbered[]): void {
    for (const effect of effects) this.#lane(laneOf(effect)).promised += 1;
  }

  /** One is begun. */
  begin(effect: Numbered, now: number): void {
    const lane = this.#lane(laneOf(effect));
    const { nth } = effect;
    check(nth < lane.promised, "no effect comes before its commit");
    check(!lane.isUnderWay, "effects of a lane come one at a time");
    check(nth >= lane.begun && nth <= lane.done, "effects of a lane come in order");
    check(now - lane.failedAt >= MIN_BACKOFF_MS, "what failed waits before it is repeated");
    lane.begun = nth;
    lane.isUnderWay = true;
  }

  /** It had its effect, whether that was told or not. */
  take(effect: Numbered): void {
    const lane = this.#lane(laneOf(effect));
    lane.done = Math.max(lane.done, effect.nth + 1);
  }

  /** It ended well, or was found to have failed at an instant. */
  end(effect: Numbered, failedAt: number | null): void {
    const lane = this.#lane(laneOf(effect));
    lane.isUnderWay = false;
    lane.failedAt = failedAt ?? -Infinity;
  }

  /** Whoever had begun any is gone, and so may be the clock that told the time. */
  crash(): void {
    for (const lane of this.#lanes.values()) {
      lane.isUnderWay = false;
      lane.failedAt = -Infinity;
    }
  }

  checkAllDone(): void {
    for (const [name, { promised, done }] of this.#lanes)
      check(promised === done, `every effect ends: ${name} has ${done} of ${promised}`);
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { promised: 0, done: 0, begun: 0, isUnderWay: false, failedAt: -Infinity };
    this.#lanes.set(name, lane);
    return lane;
  }
}
