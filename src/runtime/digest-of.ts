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

/** Characters of texts that are digested together. */
const PIECE_CHARACTERS = 32 * 1024;

/** The SHA-256 digest of texts in a row, in UTF-8, as lower-case hexadecimal. */
export async function digestOfTexts(texts: Iterable<string>): Promise<string> {
  const digest = openSha256();
  const writer = digest.getWriter();
  const encoder = new TextEncoder();
  let waiting = "";
  for (const text of texts) {
    waiting += text;
    if (waiting.length < PIECE_CHARACTERS) continue;
    await writer.write(encoder.encode(waiting));
    waiting = "";
  }
  await writer.write(encoder.encode(waiting));
  await writer.close();
  return toHex(await digest.digest);
}

/** Reads a stream to its end, and returns its SHA-256 digest as lower-case hexadecimal. */
export async function digestOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const digest = openSha256();
  await stream.pipeTo(digest);
  return toHex(await digest.digest);
}
