/// <reference lib="esnext.typedarrays" />
// Texts as bytes, and bytes as text: hexadecimal and base64 (RFC 4648).

import { ItemError } from "./errors";

const encoder = new TextEncoder();

/**
 * Encodes a text as UTF-8.
 *
 * @throws ItemError for a lone surrogate, which UTF-8 cannot hold: another character in its place would give
 *   different texts the same digest
 */
export function utf8(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  throw new ItemError("invalid-value", "The text has a lone surrogate, which UTF-8 cannot hold");
}

/**
 * Decodes base64 in either alphabet, with or without padding.
 *
 * @throws SyntaxError for anything else
 */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
