// Replies that are JSON in bytes already, so that a large one is never held as one text.
import { Bytes, Reply } from "../../http/reply";
import { concatBytes } from "../../lib/concat-bytes";

const encoder = new TextEncoder();

/** Encodes a short part of a reply. */
export const toBytes = (text: string): Uint8Array => encoder.encode(text);

/** Bytes up to which a reply is sent at once: a stream costs as much as making so many. */
const SHORT_BYTES = 1024 * 1024;

/** A reply of JSON in UTF-8. The pieces of a long one are sent one by one. */
export function replyOf(pieces: Uint8Array[]): Reply<Bytes> {
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (length <= SHORT_BYTES)
    return new Reply(new Bytes("application/json", concatBytes(pieces, length)), {});
  // Taken from the end of the reversed list, so that the memory of what was sent is free at once.
  pieces.reverse();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.pop();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  return new Reply(new Bytes("application/json", stream), {});
}
