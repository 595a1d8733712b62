// The JSON of outcomes, written as soon as each is there, so that what it was made of becomes free, and bounded
// by its bytes.
import { jsonPieces } from "../../lib/json-pieces";
import { OperationError } from "./errors";
import { MAX_REPLY_BYTES } from "./limits";

const encoder = new TextEncoder();

/** Writes parts of one reply, whose bytes are bounded together. */
export class ReplyJson {
  #bytesLeft = MAX_REPLY_BYTES;

  /**
   * Writes a part.
   *
   * @returns its JSON in UTF-8, in pieces
   * @throws OperationError `too-large` if the reply would be too long, saying how long
   */
  write(part: unknown): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (const text of joined(jsonPieces(part))) {
      const piece = encoder.encode(text);
      bytes += piece.length;
      // What does not fit is only counted.
      if (bytes > this.#bytesLeft) pieces.length = 0;
      else pieces.push(piece);
    }
    if (bytes > this.#bytesLeft) throw tooLong(bytes, this.#bytesLeft);
    this.#bytesLeft -= bytes;
    return pieces;
  }
}

/** Characters below which pieces are joined: each array of bytes takes some hundred bytes besides. */
const SHORT_CHARS = 16 * 1024;

function* joined(texts: Iterable<string>): Generator<string> {
  let short = "";
  for (const text of texts) {
    short += text;
    if (short.length < SHORT_CHARS) continue;
    yield short;
    short = "";
  }
  if (short !== "") yield short;
}

function tooLong(bytes: number, left: number): OperationError {
  const bound = `a reply has at most ${MAX_REPLY_BYTES} bytes (16 MiB)`;
  const rest = left < MAX_REPLY_BYTES ? `, of which ${left} are left` : "";
  return new OperationError("too-large", `The result is ${bytes} bytes of JSON; ${bound}${rest}`);
}
