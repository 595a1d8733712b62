// Decodes HTML's character references as a browser does in text (HTML §13.2.5.72 to 80). Own code, since the
// libraries include their table of names, which would be a sixth of this Worker's script; here it is an
// asset.

/**
 * Characters by the names of references, with their semicolon, and also without it for those that may omit
 * it.
 */
export type CharacterNames = ReadonlyMap<string, string>;

/** `&#x…`, `&#…` or `&name`, with the semicolon if there is one. */
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([0-9a-zA-Z]+));?/g;
const REPLACEMENT_CHARACTER = "\uFFFD";
const MAX_CODE_POINT = 0x10_ff_ff;
/** HTML reads numbers of C1 controls as Windows-1252. */
const windows1252 = new TextDecoder("windows-1252");

/** Parses the table: a JSON object of names and their characters. */
export function parseCharacterNames(json: string): CharacterNames {
  // Not validated, since our own build writes this table.
  return new Map(Object.entries(JSON.parse(json) as Record<string, string>));
}

/** Decodes the references in a text; what is none stays as it is. Runs in linear time. */
export function decodeReferences(text: string, names: CharacterNames): string {
  return text.replace(REFERENCE, (all, hex?: string, decimal?: string, name: string = "") => {
    if (hex !== undefined) return toCharacter(Number.parseInt(hex, 16));
    if (decimal !== undefined) return toCharacter(Number.parseInt(decimal, 10));
    return (all.endsWith(";") ? names.get(`${name};`) : undefined) ?? decodePrefix(all, names);
  });
}

function toCharacter(code: number): string {
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  if (code === 0 || code > MAX_CODE_POINT || isSurrogate) return REPLACEMENT_CHARACTER;
  if (code >= 0x80 && code <= 0x9f) return windows1252.decode(Uint8Array.of(code));
  return String.fromCodePoint(code);
}

/** Characters of the longest name that may omit its semicolon. */
const MAX_BARE_NAME_CHARS = 6;

/** Decodes the longest known name at the start of a text, as in `&notit;`, which is `¬it;`. */
function decodePrefix(text: string, names: CharacterNames): string {
  for (let end = Math.min(text.length, MAX_BARE_NAME_CHARS + 1); end > 1; end -= 1) {
    const characters = names.get(text.slice(1, end));
    if (characters !== undefined) return characters + text.slice(end);
  }
  return text;
}
