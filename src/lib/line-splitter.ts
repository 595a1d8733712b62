// Splits bytes that come in pieces into lines, in bounded memory.
import { concatBytes } from "./concat-bytes";

/** A line without its break, and its number from 1; its bytes are null if it is longer than allowed. */
export interface ByteLine {
  readonly line: number;
  readonly bytes: Uint8Array | null;
}

const NEWLINE = 0x0a;

/** Splits pieces of bytes at each LF. */
export class LineSplitter {
  readonly #maxBytes: number;
  #line = 0;
  /** Parts of the line that is not complete yet, copied: the caller may reuse its buffer. */
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Yields the lines that end in this piece. Their bytes are valid until the next piece. */
  *push(piece: Uint8Array): Generator<ByteLine> {
    let start = 0;
    for (let end; (end = piece.indexOf(NEWLINE, start)) !== -1; start = end + 1)
      yield this.#close(piece.subarray(start, end));
    this.#keep(piece.subarray(start));
  }

  /** Yields the last line, if it has no break at its end. */
  *end(): Generator<ByteLine> {
    if (this.#bytes > 0) yield this.#close(new Uint8Array());
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.byteLength;
    // A line that is too long is counted, and not kept.
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part.slice());
  }

  #close(last: Uint8Array): ByteLine {
    const parts = this.#parts;
    const bytes = this.#bytes + last.byteLength;
    this.#line += 1;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#maxBytes) return { line: this.#line, bytes: null };
    return {
      line: this.#line,
      bytes: parts.length === 0 ? last : concatBytes([...parts, last], bytes),
    };
  }
}
