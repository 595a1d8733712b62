// Long lists and texts that are JSON already, in pieces.
import { freeBytes } from "./free-bytes";
import { WrittenJson } from "./written-json";

/** A value that is written. */
export class WrittenPieces extends WrittenJson {
  /** Bytes of its JSON in UTF-8. */
  override readonly length: number;
  readonly #pieces: readonly Uint8Array[];

  /** @param pieces its JSON in UTF-8, each of whole characters */
  constructor(pieces: readonly Uint8Array[], length: number) {
    super();
    this.#pieces = pieces;
    this.length = length;
  }

  override *texts(): Generator<string> {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (const piece of this.#pieces) yield decoder.decode(piece);
  }

  override free(): void {
    freeBytes(this.#pieces);
  }
}
