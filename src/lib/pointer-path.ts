// Reads the JSON Pointers of problem documents; `jsonPointer` writes them.

/** The keys in a JSON Pointer in URI-fragment form (RFC 6901 §6): `#/items/3/e~1mail` has `items`, `3`, `e/mail`. */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
}
