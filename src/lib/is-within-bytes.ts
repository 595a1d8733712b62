// Tells if a text has at most so many bytes in UTF-8.

/** A UTF-16 code unit is at most three bytes in UTF-8, so that a short text need not be encoded. */
const MAX_BYTES_PER_UNIT = 3;

/** Tells if a text has at most `maxBytes` bytes in UTF-8. */
export function isWithinBytes(text: string, maxBytes: number): boolean {
  const isShort = text.length * MAX_BYTES_PER_UNIT <= maxBytes;
  return isShort || new TextEncoder().encode(text).length <= maxBytes;
}
