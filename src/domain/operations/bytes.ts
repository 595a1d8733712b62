/// <reference lib="esnext.typedarrays" />
// Texts as bytes, and bytes as text: hexadecimal and base64 (RFC 4648).

const encoder = new TextEncoder();

/** Encodes a text as UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Decodes base64 in either alphabet, with or without padding.
 *
 * @throws SyntaxError for anything else
 */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
