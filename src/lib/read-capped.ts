// Reads a stream up to a limit, so that a peer that sends without end cannot fill memory.

/**
 * Reads the bytes of a stream. As soon as there are more than `maxBytes`, it cancels the stream, which closes
 * the connection, and returns null.
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A reader takes half the time of `for await` over the stream.
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
