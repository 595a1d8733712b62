// The salt of a day (UTC), by which addresses are hashed: without it no row can be traced to an address.
//
// Fact `day`: the end of the day and its salt. Writer: the table's object. Lifetime: until `forget`, which the owner of
// the hashes calls together with their deletion.
import { nextMidnight } from "../lib/next-midnight";
import type { Facts } from "./facts";

type Day = { readonly endsAt: number; readonly salt: string };

/** The salt of the current day, in the facts of one table. */
export class DaySalt {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** The end of the stored day, in milliseconds since 1970 UTC; Infinity if there is none. */
  get endsAt(): number {
    return this.#day?.endsAt ?? Infinity;
  }

  /** The salt of the stored day, or of a new one that begins now. */
  at(now: number): string {
    const known = this.#day;
    if (known !== undefined) return known.salt;
    const day: Day = { endsAt: nextMidnight(now), salt: crypto.randomUUID() };
    this.#facts.write("day", day);
    return day.salt;
  }

  forget(): void {
    this.#facts.write("day", null);
  }

  get #day(): Day | undefined {
    // Not validated, since only this class writes this fact.
    return this.#facts.read("day") as Day | undefined;
  }
}
