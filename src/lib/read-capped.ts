// Reads a stream no further than a limit, so that a peer who sends without end costs no memory.

/**
 * The bytes of a stream. As soon as there are more than `maxBytes` it is cancelled, which closes the
 * connection: the result is then null.
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A reader takes half of what `for await` over the stream takes.
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const part = read.value.subarray(0, maxBytes - length);
    chunks.push(part);
    length += part.byteLength;
    if (part.byteLength === read.value.byteLength) continue;
    await reader.cancel();
    return null;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
