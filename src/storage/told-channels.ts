// Channels that were ever told of a table's records: an erasure has to reach those, too, that subscribe no
// more or have left CHANNELS.
//
// Row `told_channels` of `facts`: names of channels. Writer: the table's object. Lifetime: for good.
import type { Effect } from "../domain/records/record";
import type { Facts } from "./facts";

const FACT = "told_channels";

/** The names of the channels that were told. */
export class ToldChannels {
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  get names(): readonly string[] {
    const names = this.#facts.read(FACT);
    return Array.isArray(names) ? names.map(String) : [];
  }

  /** Adds the channels that effects tell. Writes only where there is a new one. */
  note(effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    const known = this.names;
    const told = effects.flatMap((effect) => (effect.kind === "notify" ? effect.channels : []));
    const all = [...new Set([...known, ...told])];
    if (all.length > known.length) this.#facts.write(FACT, all);
  }
}
