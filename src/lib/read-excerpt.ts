// The beginning of a stream that nothing depends on: whatever is wrong with it, it is no fault.
import type { Clock } from "./clock";

/**
 * The bytes that came of a stream within `ms`, at most `maxBytes`. Never rejects: a stream that drips, breaks off or
 * cannot be decoded gives what it gave before. It is then cancelled, and nobody waits for that.
 */
export async function readExcerpt(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  ms: number,
  { after }: Pick<Clock, "after">,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  const over = Promise.withResolvers<null>();
  const callOff = after(ms, () => over.resolve(null));
  const reader = stream.getReader();
  try {
    while (length < maxBytes) {
      const read = await Promise.race([reader.read(), over.promise]);
      if (read === null || read.done) break;
      const part = read.value.subarray(0, maxBytes - length);
      bytes.set(part, length);
      length += part.byteLength;
    }
  } catch {
    // The bytes received so far are the excerpt.
  }
  callOff();
  reader.cancel().catch(() => undefined);
  return bytes.slice(0, length);
}
