// Joins pieces of bytes. A Blob does so too, but only asynchronously.

/** The pieces as one array. `length` is the sum of theirs, which callers have counted already. */
export function concatBytes(
  pieces: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
