// HTML's character references, decoded as a browser does in text (HTML §13.2.5.72 to 80). Own code,
// because libraries cannot be had without their table of names, a sixth of this Worker's script.

/** Characters by the names of references, with their semicolon; those that need none also without. */
export type CharacterNames = ReadonlyMap<string, string>;

/** `&#x…`, `&#…`, `&name`, each with its semicolon where it has one. */
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([0-9a-zA-Z]+));?/g;
const REPLACEMENT_CHARACTER = "\uFFFD";
const MAX_CODE_POINT = 0x10_ff_ff;
/** Numbers of C1 controls stand for what Windows-1252 has there. */
const windows1252 = new TextDecoder("windows-1252");

/** Reads the table as it was written: a JSON object of names and their characters. */
export function parseCharacterNames(json: string): CharacterNames {
  // Written by our own build, so the shape is known.
  return new Map(Object.entries(JSON.parse(json) as Record<string, string>));
}

/** The text with its references as characters; what is none stays as it is. Linear in its input. */
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

/** Longest of the names that need no semicolon. */
const MAX_BARE_NAME_CHARS = 6;

/** `&notit;` is `¬it;`: the longest name that the text begins with counts. */
function decodePrefix(text: string, names: CharacterNames): string {
  for (let end = Math.min(text.length, MAX_BARE_NAME_CHARS + 1); end > 1; end -= 1) {
    const characters = names.get(text.slice(1, end));
    if (characters !== undefined) return characters + text.slice(end);
  }
  return text;
}
