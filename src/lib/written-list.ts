// Long lists that are JSON already. As values they would live until they are written, and V8 keeps for long what it has
// met more than once; the memory of bytes can be given back at once.
import { freeBytes } from "./free-bytes";

/** A list that is written. */
export class WrittenList {
  /** Bytes of its JSON in UTF-8. */
  readonly length: number;
  readonly #pieces: readonly Uint8Array[];

  /** @param pieces its JSON in UTF-8, each of whole characters */
  constructor(pieces: readonly Uint8Array[], length: number) {
    this.#pieces = pieces;
    this.length = length;
  }

  /** Its JSON, as texts that make it up. */
  *texts(): Generator<string> {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (const piece of this.#pieces) yield decoder.decode(piece);
  }

  /** Gives its memory back. Nobody may read it from then on. */
  free(): void {
    freeBytes(this.#pieces);
  }
}
