// Title case by Unicode's mapping (Unicode Standard §3.13, R3).
import { lazyPattern } from "../../lib/lazy";
import type { Segment } from "./segmentation";

/** The letter of a word that is capitalised; if a digit comes first, nothing changes. */
const FIRST = lazyPattern(String.raw`[\p{L}\p{N}]`, "u");
const FIRST_IN_DUTCH = lazyPattern(String.raw`ij|[\p{L}\p{N}]`, "iu");
/** Letters with an upper case: the test is cheap, while asking for the upper case of any other takes long. */
const CASED = lazyPattern(String.raw`\p{CWU}`, "u");
/** Letters that are capitals already, or title case themselves. */
const CAPITAL = lazyPattern(String.raw`[\p{Lu}\p{Lt}]`, "u");
/** Digraphs encoded as one character, in upper, title and lower case one after the other. */
const DIGRAPHS = "ǄǅǆǇǈǉǊǋǌǱǲǳ";
/** Georgian has capitals for whole words only: the title case of its letters are these letters. */
const GEORGIAN = /[\u10d0-\u10ff]/;
/** Greek's iota below a vowel, which upper case writes beside it, and title case leaves below. */
const IOTA_BELOW = "\u0345";
const DOT_ABOVE = "\u0307";

/** The title case of a letter. */
export function capital(letter: string, locale: string): string {
  if (letter.toLowerCase() === "ij") return "IJ";
  const digraph = DIGRAPHS.indexOf(letter);
  if (digraph !== -1) return DIGRAPHS.charAt(digraph - (digraph % 3) + 1);
  if (CAPITAL().test(letter) || !CASED().test(letter) || GEORGIAN.test(letter)) return letter;
  const parts = letter.normalize("NFD");
  if (parts.includes(IOTA_BELOW)) return withIotaBelow(parts.replace(IOTA_BELOW, ""));
  return upperFirst(letter, locale);
}

/** The capital of a Greek vowel with its iota below it: one character where there is one. */
function withIotaBelow(vowel: string): string {
  const capitals = vowel.toUpperCase().normalize("NFC") + IOTA_BELOW;
  const composed = capitals.normalize("NFC");
  return composed.length === 1 ? composed : capitals;
}

/** `ß` in upper case is SS, `ﬁ` is FI, `ŉ` is ʼN: only the first letter that has a case is capitalised. */
function upperFirst(letter: string, locale: string): string {
  // In Greek whole words in capitals lose their accents, words in title case do not.
  const upper = letter.toLocaleUpperCase(locale.startsWith("el") ? "en" : locale);
  if (upper.length <= letter.length) return upper;
  const first = Array.from(upper).findIndex((part) => CAPITAL().test(part)) + 1;
  return upper.slice(0, first) + upper.slice(first).toLocaleLowerCase(locale);
}

function titleWord(word: string, first: RegExp, locale: string): string {
  const found = first.exec(word);
  // Lower-cased as a whole, since a letter may depend on its place in the word, as `Σ` does.
  const lower = word.toLocaleLowerCase(locale);
  if (found === null) return lower;
  const [letter] = found;
  const rest = lower.slice((word.slice(0, found.index) + letter).toLocaleLowerCase(locale).length);
  // Lithuanian writes the dot of a small i below another accent.
  const isDotted = rest.startsWith(DOT_ABOVE) && !word.includes(DOT_ABOVE);
  return (
    word.slice(0, found.index).toLocaleLowerCase(locale) +
    capital(letter, locale) +
    (isDotted ? rest.slice(1) : rest)
  );
}

/** Capitalises the first letter of each word of a segmented text, and puts the others in lower case. */
export function* titlecase(segments: Iterable<Segment>, locale: string): Generator<string> {
  const first = locale.startsWith("nl") ? FIRST_IN_DUTCH() : FIRST();
  for (const { segment, isWordLike } of segments)
    yield isWordLike === true ? titleWord(segment, first, locale) : segment;
}
