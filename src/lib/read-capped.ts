// Reads a stream up to a limit, so that a peer that sends without end cannot fill memory.

/** Most bodies are shorter, and each read that must be waited for is a turn of the event loop. */
const FIRST_READ_BYTES = 4096;
const NEXT_READ_BYTES = 64 * 1024;

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
  const reader = openReader(stream, maxBytes);
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const part = read.value.subarray(0, maxBytes - length);
    chunks.push(part);
    length += part.byteLength;
    if (part.byteLength < read.value.byteLength) {
      await reader.cancel();
      return null;
    }
    // Fewer bytes than it waits for are the last ones.
    if (part.byteLength < reader.atLeast) break;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** A reader that waits for this many bytes at a time, or for the end. */
interface Reader extends Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel"> {
  readonly atLeast: number;
}

/** Opens a reader that waits for many bytes at a time, or an ordinary one if this is no stream of bytes. */
function openReader(stream: ReadableStream<Uint8Array>, maxBytes: number): Reader {
  const reader = byteReaderOf(stream);
  if (reader === null) {
    const ordinary = stream.getReader();
    return {
      atLeast: 0,
      read: () => ordinary.read(),
      cancel: (reason) => ordinary.cancel(reason),
    };
  }
  // One byte above the limit decides: nothing after it is waited for.
  const atLeast = Math.min(FIRST_READ_BYTES, maxBytes + 1);
  let bytes = FIRST_READ_BYTES;
  return {
    atLeast,
    read: () => {
      const view = new Uint8Array(bytes);
      bytes = NEXT_READ_BYTES;
      return reader.readAtLeast(atLeast, view);
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

function byteReaderOf(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
