// Replies whose parts are JSON in bytes already, so that a large one is never held as one text.
import { ByteStream, Reply } from "../../http/reply";

/** JSON in UTF-8, in pieces. */
export type Written = readonly Uint8Array[];

const encoder = new TextEncoder();
const toBytes = (text: string): Written => [encoder.encode(text)];

/** Writes a short value. */
export const written = (value: unknown): Written => toBytes(JSON.stringify(value));

/** An object with the same names, and values made of its values. */
export function mapValues<Made>(
  object: object,
  make: (value: unknown) => Made,
): Record<string, Made> {
  const entries = Object.entries(object).map(([name, value]) => [name, make(value)] as const);
  return Object.fromEntries(entries);
}

/** The JSON of a list, made of that of its elements. */
export function listOf(parts: readonly Written[]): Written {
  const elements = parts.flatMap((part, at) => (at === 0 ? part : [...toBytes(","), ...part]));
  return [...toBytes("["), ...elements, ...toBytes("]")];
}

/** A reply that is an object with these members. Its bytes are sent piece by piece. */
export function replyOf(members: Readonly<Record<string, Written>>): Reply<ByteStream> {
  const pieces = Object.entries(members).flatMap(([name, value], at) =>
    toBytes(`${at === 0 ? "{" : ","}${JSON.stringify(name)}:`).concat(value),
  );
  return new Reply(new ByteStream("application/json", streamOf(pieces.concat(toBytes("}")))), {});
}

function streamOf(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  // Taken from the end of the reversed list, so that the memory of what was sent is free at once.
  pieces.reverse();
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.pop();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}
