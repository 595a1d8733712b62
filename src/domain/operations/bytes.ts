/// <reference lib="esnext.typedarrays" />
// Texts as bytes, and bytes as text: hexadecimal and base64 (RFC 4648).

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The bytes of base64 in either alphabet, padded or not; throws for anything else. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
