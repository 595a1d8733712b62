// Decodes the content codings of a response (RFC 9110 §8.4). Whoever searches a body for secrets must see the
// representation itself, not a coding of it that the caller could decode.

/** Decodes one coding; null for one that it does not know or that does not decode, "large" if it grows beyond the limit. */
export type Decompress = (
  coding: string,
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
) => Promise<Uint8Array<ArrayBuffer> | "large" | null>;

/** Values of Content-Encoding that the runtime's `fetch` decodes itself, and no others: it compares them exactly. */
const DECODED_BY_RUNTIME = new Set(["gzip", "br"]);
/** Codings on top of each other; more have no use but to cost time. */
const MAX_CODINGS = 4;

/** The codings of a body that are left after the runtime's own decoding, the outermost first. */
export function leftCodings(contentEncoding: string | null): readonly string[] {
  if (contentEncoding === null || DECODED_BY_RUNTIME.has(contentEncoding)) return [];
  return contentEncoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
    .toReversed();
}

/**
 * Decodes codings one after the other.
 *
 * @returns null if one is left that cannot be decoded, "large" beyond the limit
 */
export async function decodeContent(
  bytes: Uint8Array<ArrayBuffer>,
  codings: readonly string[],
  maxBytes: number,
  decompress: Decompress,
): ReturnType<Decompress> {
  if (codings.length > MAX_CODINGS) return null;
  let decoded = bytes;
  for (const coding of codings) {
    const result = await decompress(coding, decoded, maxBytes);
    if (result === null || result === "large") return result;
    decoded = result;
  }
  return decoded;
}
