// Reads a body whose length is known into one buffer, so that its bytes are in memory once.

/** Bytes to wait for at a time, and of the first buffer. */
const PIECE_BYTES = 64 * 1024;
/** Growth of a buffer that is full: a peer that declares much and sends little holds little. */
const GROWTH = 16;

/**
 * The bytes of a stream of bytes.
 *
 * @param length the number of bytes that the runtime will let through at most
 */
export async function readDeclared(
  stream: ReadableStream<Uint8Array>,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(Math.min(length, PIECE_BYTES));
  let filled = 0;
  while (filled < length) {
    if (filled === buffer.byteLength) buffer = buffer.transfer(Math.min(length, filled * GROWTH));
    const room = new Uint8Array(buffer, filled);
    const least = Math.min(PIECE_BYTES, room.byteLength);
    const { done, value } = await reader.readAtLeast(least, room);
    // The buffer comes back with each piece.
    if (value !== undefined) ({ buffer } = value);
    if (done) break;
    filled += value.byteLength;
  }
  return new Uint8Array(buffer, 0, filled);
}
