// Sends texts that are generated while they are sent.
import type { TextStream } from "./reply";

/** Pulls one chunk at a time, so that a slow reader also slows down the generator (backpressure). */
export function toByteStream({ chunks, onCancel }: TextStream): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    // An error thrown here fails the stream and breaks the connection, so that a part never looks complete.
    async pull(controller) {
      const { done, value } = await chunks.next().catch(logAndThrow);
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      onCancel?.();
      await chunks.return(undefined);
    },
  });
}

/** Logs an error separately: when a stream breaks, the request was already logged with its status. */
function logAndThrow(error: unknown): never {
  console.error(JSON.stringify({ level: "error", event: "broken-stream", error: String(error) }));
  throw error;
}
