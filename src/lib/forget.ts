// Frees values that a list keeps alive, although nobody needs the list any more: one in V8's old generation does so until
// that is collected, and whatever it was given meanwhile becomes old with it.

/** Empties a list, which nobody may need any more. */
export function forget(list: unknown[]): void {
  list.fill(null);
}
