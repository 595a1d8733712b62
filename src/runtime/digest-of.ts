// SHA-256 digests of streams, which never are in memory as a whole.
import { toHex } from "../lib/to-hex";

/** A stream that digests what is written to it. The types of a browser, which read this file too, lack it. */
interface Sha256Stream extends WritableStream<Uint8Array> {
  readonly digest: Promise<ArrayBuffer>;
}

/** Opens a stream whose `digest` is known once it is closed. */
export function openSha256(): Sha256Stream {
  const { DigestStream } = crypto as unknown as {
    DigestStream: new (algorithm: string) => Sha256Stream;
  };
  return new DigestStream("SHA-256");
}

/** Reads a stream to its end, and returns its SHA-256 digest as lower-case hexadecimal. */
export async function digestOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const digest = openSha256();
  await stream.pipeTo(digest);
  return toHex(await digest.digest);
}
