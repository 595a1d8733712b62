// JSON that is written already, in bytes. As values it would live until it is written, and V8 keeps for long what it has
// met more than once; the memory of bytes can be given back at once.
import { readExactJson } from "./exact-json";

/** A value of which its JSON is at hand. */
export abstract class WrittenJson {
  /** Characters of its JSON, about. */
  abstract readonly length: number;

  /** Its JSON, as texts that make it up. */
  abstract texts(): Generator<string>;

  /** Gives its memory back. Nobody may read it from then on. */
  abstract free(): void;

  /** The value, for whoever needs it after all. */
  toJSON(): unknown {
    return readExactJson([...this.texts()].join(""));
  }
}
