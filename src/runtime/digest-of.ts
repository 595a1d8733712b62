import { toHex } from "../lib/to-hex";

/** Reads a stream to its end, and returns its SHA-256 digest as lower-case hexadecimal. */
export async function digestOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  await stream.pipeTo(digest);
  return toHex(await digest.digest);
}
