// Writes JSON as bytes. Unlike a text's, their memory can be given back at once (`freeBytes`), and no text of the whole is
// made.
import { concatBytes } from "./concat-bytes";
import { freeBytes } from "./free-bytes";
import { jsonPieces } from "./json-pieces";

const encoder = new TextEncoder();

/** The JSON of a value in UTF-8; null if it has more than so many bytes. */
export function jsonBytes(value: unknown, maxBytes = Infinity): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const piece of jsonPieces(value)) {
    const bytes = encoder.encode(piece);
    pieces.push(bytes);
    length += bytes.byteLength;
    if (length > maxBytes) break;
  }
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1 && length <= maxBytes) return only;
  const whole = length > maxBytes ? null : concatBytes(pieces, length);
  freeBytes(pieces);
  return whole;
}
