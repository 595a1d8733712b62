// Reads a stream no further than a limit, so that a peer who sends without end costs no memory.

/**
 * The bytes of a stream. As soon as there are more than `maxBytes` it is cancelled, which closes the
 * connection: the result is then null, or the first bytes where an excerpt is enough.
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  { isExcerpt = false } = {},
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const room = maxBytes - length;
    if (chunk.byteLength > room && !isExcerpt) return null;
    const part = chunk.subarray(0, room);
    chunks.push(part);
    length += part.byteLength;
    if (chunk.byteLength > room) break;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
