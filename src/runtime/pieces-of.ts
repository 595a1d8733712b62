/** Bytes of a piece: few turns of the event loop, and about a millisecond of work for each. */
const PIECE_BYTES = 64 * 1024;

/** Yields a stream's bytes in pieces of equal size, each valid until the next: they share one buffer. */
export async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader({ mode: "byob" });
  let buffer = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const { value, done } = await reader.readAtLeast(PIECE_BYTES, buffer);
    if (value === undefined) return;
    if (value.byteLength > 0) yield value;
    if (done) return;
    buffer = new Uint8Array(value.buffer);
  }
}
