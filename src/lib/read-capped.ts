// Reads a stream up to a limit, so that a peer that sends without end cannot fill memory.
import { concatBytes } from "./concat-bytes";

/** Most bodies are shorter, and each read that must be waited for is a turn of the event loop. */
const FIRST_READ_BYTES = 4096;
const NEXT_READ_BYTES = 64 * 1024;

/** Reads the next bytes of a stream; null at its end. `isLast` if nothing follows them. */
type ReadNext = () => Promise<{ bytes: Uint8Array; isLast: boolean } | null>;

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
  const { next, cancel } = openReader(stream, maxBytes);
  for (let read = await next(); read !== null; read = await next()) {
    length += read.bytes.byteLength;
    if (length > maxBytes) {
      await cancel();
      return null;
    }
    chunks.push(read.bytes);
    if (read.isLast) break;
  }
  return concatBytes(chunks, length);
}

/** Opens a reader that waits for many bytes at a time, or an ordinary one if this is no stream of bytes. */
function openReader(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): { readonly next: ReadNext; readonly cancel: () => Promise<void> } {
  const reader = byteReaderOf(stream);
  if (reader === null) return openPlainReader(stream.getReader());
  // One byte above the limit decides: nothing after it is waited for.
  const atLeast = Math.min(FIRST_READ_BYTES, maxBytes + 1);
  let room = FIRST_READ_BYTES;
  return {
    next: async () => {
      const { done, value } = await reader.readAtLeast(atLeast, new Uint8Array(room));
      room = NEXT_READ_BYTES;
      // Fewer bytes than were waited for are the last.
      return done ? null : { bytes: value, isLast: value.byteLength < atLeast };
    },
    cancel: () => reader.cancel(),
  };
}

function openPlainReader(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const next: ReadNext = async () => {
    const { done, value } = await reader.read();
    return done ? null : { bytes: value, isLast: false };
  };
  return { next, cancel: () => reader.cancel() };
}

function byteReaderOf(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
