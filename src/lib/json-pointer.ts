// JSON Pointers to places in a body, in the form that problem documents use.

/**
 * A JSON Pointer in URI-fragment form (RFC 6901 §6): `["items", 3, "e/mail"]` is `#/items/3/e~1mail`.
 * Lone surrogates, which have no UTF-8 form, become U+FFFD.
 */
export function jsonPointer(path: readonly (string | number)[]): string {
  return `#${path.map((key) => `/${escapeToken(String(key))}`).join("")}`;
}

function escapeToken(key: string): string {
  return encodeURIComponent(key.toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1"));
}
