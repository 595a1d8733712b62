// The length of a text as its readers count it, and JSON Schema.

/** Tells if a text has more than so many characters: code points, not UTF-16 code units. */
export function isLonger(text: string, maxCharacters: number): boolean {
  if (text.length <= maxCharacters) return false;
  // No character has more than two units.
  return text.length > 2 * maxCharacters || Array.from(text).length > maxCharacters;
}
