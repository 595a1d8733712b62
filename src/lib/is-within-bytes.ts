// Tells if a text has at most so many bytes in UTF-8.

/** A UTF-16 code unit is at most three bytes in UTF-8, so that a short text need not be counted. */
const MAX_BYTES_PER_UNIT = 3;

/** Tells if a text has at most `maxBytes` bytes in UTF-8. */
export function isWithinBytes(text: string, maxBytes: number): boolean {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return true;
  // Not encoded: what is counted may be large.
  let left = maxBytes;
  for (let at = 0; at < text.length && left >= 0; at += 1) {
    const point = text.codePointAt(at) ?? 0;
    if (point > 0xffff) at += 1;
    left -= bytesOf(point);
  }
  return left >= 0;
}

/** Bytes of a code point; a lone surrogate becomes a replacement character of three. */
function bytesOf(point: number): number {
  if (point <= 0x7f) return 1;
  if (point <= 0x7ff) return 2;
  return point <= 0xffff ? 3 : 4;
}
