// SHA-256 digests, as names of bounded length for texts of any length.
import { toHex } from "./to-hex";

/** The SHA-256 digest of bytes, or of a text in UTF-8, as lower-case hexadecimal. */
export async function sha256Hex(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return toHex(await crypto.subtle.digest("SHA-256", bytes));
}
