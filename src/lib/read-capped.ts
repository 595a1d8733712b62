// Reads a stream up to a limit, so that a peer that sends without end cannot fill memory.
import { concatBytes } from "./concat-bytes";

/** Most bodies are shorter, and each read that must be waited for is a turn of the event loop. */
const FIRST_READ_BYTES = 4096;
/** Bytes of a read, at most: the runtime sets as much aside for each that is waited for. */
const NEXT_READ_BYTES = 64 * 1024;
/** Growth of a buffer that is full. */
const GROWTH = 16;

/**
 * Reads the bytes of a stream. As soon as there are more than `maxBytes`, it cancels the stream, which closes
 * the connection, and returns null. The bytes have their buffer to themselves.
 *
 * @param expected bytes, for which room is made at once: what is never written to takes no memory
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  expected = FIRST_READ_BYTES - 1,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const reader = byteReaderOf(stream);
  if (reader === null) return readPlain(stream.getReader(), maxBytes);
  // With one byte more, the end is seen without further room.
  let buffer = new ArrayBuffer(expected + 1);
  for (let filled = 0; ;) {
    // One byte above the limit decides: nothing after it is waited for.
    if (filled === buffer.byteLength)
      buffer = enlarge(buffer, Math.min(maxBytes + 1, filled * GROWTH));
    const room = Math.min(NEXT_READ_BYTES, maxBytes + 1 - filled, buffer.byteLength - filled);
    const least = Math.min(FIRST_READ_BYTES, room);
    const { done, value } = await reader.readAtLeast(least, new Uint8Array(buffer, filled, room));
    // The buffer comes back with each piece.
    if (value !== undefined) ({ buffer } = value);
    filled += value?.byteLength ?? 0;
    if (filled > maxBytes) {
      await reader.cancel();
      return null;
    }
    // Fewer bytes than were waited for are the last.
    if (!done && value.byteLength >= least) continue;
    // A copy into less room would take more than it frees.
    const isFull = filled * 2 > buffer.byteLength;
    return new Uint8Array(isFull ? buffer : buffer.transfer(filled), 0, filled);
  }
}

/** Unlike `transfer`, which writes to all that it adds. */
function enlarge(buffer: ArrayBuffer, length: number): ArrayBuffer {
  const larger = new Uint8Array(length);
  larger.set(new Uint8Array(buffer));
  buffer.transfer(0);
  return larger.buffer;
}

async function readPlain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(chunks, length);
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}

function byteReaderOf(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}
