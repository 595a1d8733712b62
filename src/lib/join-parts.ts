// Joins many small parts into a text. A text that is made of each part alone would hold them all, until it is read.

/** Parts that are joined at a time. */
const JOINED = 512;

/** The parts as one text. Each is read when it is its turn, and not kept. */
export function joinParts(parts: Iterable<string>): string {
  const pieces: string[] = [];
  let piece: string[] = [];
  for (const part of parts) {
    piece.push(part);
    if (piece.length < JOINED) continue;
    pieces.push(piece.join(""));
    piece = [];
  }
  return pieces.join("") + piece.join("");
}
