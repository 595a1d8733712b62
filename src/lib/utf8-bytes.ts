// Counts the bytes of a text in UTF-8 without encoding it, since what is counted may be large.

/** The bytes of a text in UTF-8; a lone surrogate becomes a replacement character of three. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at) ?? 0;
    if (point > 0xffff) at += 1;
    bytes += bytesOf(point);
  }
  return bytes;
}

function bytesOf(point: number): number {
  if (point <= 0x7f) return 1;
  if (point <= 0x7ff) return 2;
  return point <= 0xffff ? 3 : 4;
}
