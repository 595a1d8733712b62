// Redacts the representation of a response, before it is kept or read.
import { decodeText, isUtf8 } from "./charset";
import { mediaTypeOf } from "./media-type";
import { decodeBody } from "./response-body";
import type { Redaction } from "./redaction";

/** Bytes with the media type that they are of; null for none. */
export interface Representation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string | null;
}

/**
 * Redacts secrets in the bytes of a body, and in the text that they are in the declared charset. JSON stays
 * JSON, also where a secret stood as a number; what had to be written anew is UTF-8.
 */
export function redactBody(before: Representation, redaction: Redaction): Representation {
  const { contentType } = before;
  const { essence, charset } = mediaTypeOf(contentType);
  const bytes = redaction.bytes(before.bytes);
  // Bytes of UTF-8 hide nothing that is not found in them.
  const text = isUtf8(bytes, charset) ? "" : decodeText(bytes, charset);
  const cleaned = redaction.text(text);
  if (bytes === before.bytes && cleaned === text) return before;
  const anew = asJson(before, bytes, redaction) ?? cleaned;
  if (anew === text) return { bytes, contentType };
  return {
    bytes: new Uint8Array(new TextEncoder().encode(anew)),
    contentType: `${essence === "" ? "text/plain" : essence}; charset=utf-8`,
  };
}

/** JSON that the stars would break, with stars within its strings; null for anything else. */
function asJson(
  { bytes, contentType }: Representation,
  redacted: Representation["bytes"],
  redaction: Redaction,
): string | null {
  const { body_type, body } = decodeBody(bytes, contentType);
  if (body_type !== "json" || decodeBody(redacted, contentType).body_type === "json") return null;
  const json = JSON.stringify(redaction.value(body));
  // A secret with quotes and commas can be made of several strings.
  return redaction.text(json) === json ? json : null;
}
