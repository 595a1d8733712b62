// Tells if a text has at most so many bytes in UTF-8.
import { utf8Bytes } from "./utf8-bytes";

/** A UTF-16 code unit is at most three bytes in UTF-8, so that a short text need not be counted. */
const MAX_BYTES_PER_UNIT = 3;

/** Tells if a text has at most `maxBytes` bytes in UTF-8. */
export function isWithinBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false;
  return text.length * MAX_BYTES_PER_UNIT <= maxBytes || utf8Bytes(text) <= maxBytes;
}
