// Replies that are JSON in bytes already, so that a large one is never held as one text.
import { ByteStream, Reply } from "../../http/reply";

const encoder = new TextEncoder();

/** Encodes a short part of a reply. */
export const toBytes = (text: string): Uint8Array => encoder.encode(text);

/** A reply of JSON in UTF-8. Its pieces are sent one by one. */
export function replyOf(pieces: Uint8Array[]): Reply<ByteStream> {
  // Taken from the end of the reversed list, so that the memory of what was sent is free at once.
  pieces.reverse();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.pop();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  return new Reply(new ByteStream("application/json", stream), {});
}
