// Redacts the representation of a response, before it is kept or read.
import { decodeBody } from "./response-body";
import type { Redaction } from "./redaction";

/**
 * Redacts secrets in the bytes of a body, and in the text that they are in the declared charset. JSON stays
 * JSON, also where a secret stood as a number.
 */
export function redactBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
  redaction: Redaction,
): Uint8Array<ArrayBuffer> {
  const cleaned = redaction.bytes(bytes);
  if (cleaned === bytes) return bytes;
  const before = decodeBody(bytes, contentType);
  if (before.body_type !== "json" || decodeBody(cleaned, contentType).body_type === "json")
    return cleaned;
  const json = JSON.stringify(redaction.value(before.body));
  return new Uint8Array(new TextEncoder().encode(json));
}
